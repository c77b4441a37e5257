/**
 * Why nodes were left out of a choice, counted: what an operator reads when no place was found.
 */

/** A count per reason. */
export class Reasons {
  readonly #counts = new Map<string, number>();

  /** Counts one node. */
  add(reason: string): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  /** `3 nodes drained`, `1 node with too little memory`; empty if none was left out. */
  list(): readonly string[] {
    return [...this.#counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([reason, count]) => `${count} ${count === 1 ? 'node' : 'nodes'} ${reason}`);
  }
}
