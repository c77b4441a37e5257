/**
 * What was seen that must not be. The first one ends the run: what follows may follow from it.
 */
import type { World } from './world.js';

export class Violations {
  readonly found: string[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  add(what: string): void {
    this.#world.note(`VIOLATION ${what}`);
    this.found.push(`${what} (at ${this.#world.nowMs} ms)`);
  }

  get isEmpty(): boolean {
    return this.found.length === 0;
  }
}
