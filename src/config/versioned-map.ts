/**
 * A map that can be looked at as it was. Writers change one plain map in place; as long as somebody
 * holds a moment of the past, each write first puts the old value aside for it. So a snapshot costs
 * nothing to open, a write costs one more map entry while snapshots live, and neither depends on
 * how much the map holds. (A persistent tree would charge every write of every index instead.)
 *
 * V1 A moment sees each key as it was when the moment was marked, whatever was written later.
 * V2 Only moments keep old values alive: when the last holder drops a moment, they are collected.
 */

/**
 * A point in time, shared by all maps of one timeline. Newer moments hang off older ones, never
 * the other way round, so that old values go with those who can ask for them.
 */
export class Moment {
  /** The moment that was marked next, if there was one. */
  next: Moment | undefined;
  /** Whether something changed between this moment and the next. */
  touched = false;
}

/** The clock of a set of maps that are changed together. */
export class Timeline {
  #newest: WeakRef<Moment> | undefined;

  /** Marks now. Two marks without a write in between are the same moment. */
  mark(): Moment {
    const newest = this.recorder();
    if (newest?.touched === false) return newest;
    const moment = new Moment();
    if (newest !== undefined) newest.next = moment;
    this.#newest = new WeakRef(moment);
    return moment;
  }

  /** The moment for which old values are to be put aside, if anybody still holds it. */
  recorder(): Moment | undefined {
    if (this.#newest === undefined) return undefined;
    const moment = this.#newest.deref();
    if (moment === undefined) this.#newest = undefined;
    return moment;
  }
}

/** A map from strings to things other than `undefined`. Without a moment, reading means now. */
export class VersionedMap<V> {
  readonly #timeline: Timeline;
  readonly #current = new Map<string, V>();
  /** What keys held at a moment before they were written; `undefined`: they were not there. */
  readonly #past = new WeakMap<Moment, Map<string, V | undefined>>();

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  get(key: string, at?: Moment): V | undefined {
    for (let moment = at; moment !== undefined; moment = moment.next) {
      const old = this.#past.get(moment);
      if (old?.has(key) === true) return old.get(key);
    }
    return this.#current.get(key);
  }

  set(key: string, value: V): void {
    this.#putAside(key);
    this.#current.set(key, value);
  }

  delete(key: string): void {
    this.#putAside(key);
    this.#current.delete(key);
  }

  size(at?: Moment): number {
    let size = this.#current.size;
    for (const [key, old] of this.#changedSince(at)) {
      size += Number(old !== undefined) - Number(this.#current.has(key));
    }
    return size;
  }

  keys(at?: Moment): Iterable<string> {
    return at === undefined ? this.#current.keys() : this.#entriesAt(at).map(([key]) => key);
  }

  values(at?: Moment): Iterable<V> {
    return at === undefined
      ? this.#current.values()
      : this.#entriesAt(at).map(([, value]) => value);
  }

  #entriesAt(at: Moment): (readonly [string, V])[] {
    const changed = this.#changedSince(at);
    const same = [...this.#current].filter(([key]) => !changed.has(key));
    const old = [...changed].flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value] as const],
    );
    return [...same, ...old];
  }

  /** The keys written since, with what they held then: the oldest note about a key counts. */
  #changedSince(at: Moment | undefined): ReadonlyMap<string, V | undefined> {
    const changed = new Map<string, V | undefined>();
    for (let moment = at; moment !== undefined; moment = moment.next) {
      for (const [key, old] of this.#past.get(moment) ?? []) {
        if (!changed.has(key)) changed.set(key, old);
      }
    }
    return changed;
  }

  #putAside(key: string): void {
    const moment = this.#timeline.recorder();
    if (moment === undefined) return;
    moment.touched = true;
    let old = this.#past.get(moment);
    if (old === undefined) {
      old = new Map<string, V | undefined>();
      this.#past.set(moment, old);
    }
    if (!old.has(key)) old.set(key, this.#current.get(key));
  }
}
