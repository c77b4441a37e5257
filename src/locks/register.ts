/**
 * A map for entries that come and go all the time. It does what a Map does, and works around two
 * things about V8's, which together cost more than all rules of locking.
 *
 * G1 A key that is taken out of a Map and put in again costs several times what it costs to change
 *    the value of one that is there, and owners and locks that people wait for do come back. So a
 *    key stays for a while when it is idle: without a value, or with one that stands for nothing.
 * G2 A Map's outgrown table points to the one that replaced it. Once such a table has reached the
 *    old generation, every later one survives minor collections, with all that was in it; and large
 *    tables are pages that the system has to give anew. So idle keys go all at once, by way of a
 *    fresh Map, and not while a crowd that left room for them may come back: only when they are
 *    twice what was in use lately.
 */

/** So many idle keys are not worth tidying up. */
const FEW = 64;

/** Idle keys are tidied up when they are so many times those that were lately in use. */
const MOST = 2;

/** Values that may stay although they stand for nothing. */
export interface Resting<V> {
  /** Whether a value stands for nothing. */
  isIdle(value: V): boolean;
}

export class Register<K, V> {
  readonly #resting: Resting<V> | undefined;
  #map = new Map<K, V | undefined>();
  #size = 0;
  /**
   * The most keys that were in use since idle ones were last counted. Half of it is left at each
   * count, since a count may well come when a crowd has just gone.
   */
  #peak = 0;
  /** Removals until it is worth counting the idle keys. */
  #patience = FEW;

  /** `resting`: tells values that stand for nothing from others, if there are such. */
  constructor(resting?: Resting<V>) {
    this.#resting = resting;
  }

  /** How many keys are in use. */
  get size(): number {
    return this.#size;
  }

  /** How many keys are kept, idle ones among them. */
  get kept(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  /** Enters a value for a key that has none. */
  add(key: K, value: V): void {
    this.#map.set(key, value);
    this.rise();
  }

  /** Replaces the value of a key that has one. */
  replace(key: K, value: V): void {
    this.#map.set(key, value);
  }

  /** Takes the value of a key in use away. */
  delete(key: K): void {
    this.#map.set(key, undefined);
    this.rest();
  }

  /** A value stands for nothing from now on. It may stay or be forgotten. */
  rest(): void {
    this.#size--;
    if (--this.#patience === 0) this.#tidy();
  }

  /** A value that was there and stood for nothing stands for something again. */
  rise(): void {
    this.#size++;
    if (this.#size > this.#peak) this.#peak = this.#size;
  }

  /** Values that stand for something. */
  *values(): Generator<V> {
    for (const value of this.#map.values()) {
      if (value !== undefined && !this.#isIdle(value)) yield value;
    }
  }

  #tidy(): void {
    const most = Math.max(FEW, MOST * this.#peak);
    this.#peak = Math.max(this.#size, this.#peak >> 1);
    this.#patience = Math.max(FEW, MOST * this.#peak);
    if (this.#map.size - this.#size < most) return;
    const map = new Map<K, V | undefined>();
    if (this.#size > 0) {
      for (const [key, value] of this.#map) {
        if (value !== undefined && !this.#isIdle(value)) map.set(key, value);
      }
    }
    this.#map = map;
  }

  #isIdle(value: V): boolean {
    return this.#resting?.isIdle(value) === true;
  }
}
