/**
 * A map for entries that come and go all the time. It does what a Map does, and works around two
 * things about V8's, which together cost more than all rules of locking.
 *
 * G1 A key that is taken out of a Map and put in again costs several times what it costs to change
 *    the value of one that is there, and owners and locks that people wait for do come back. So a
 *    key stays for a while without a value.
 * G2 A Map's outgrown table points to the one that replaced it. Once such a table has reached the
 *    old generation, every later one survives minor collections, with all that was in it. So keys
 *    without a value go all at once, by way of a fresh Map, when they are most of what is kept: as
 *    much room as a Map keeps, too, before it shrinks.
 */

/** So many keys without a value are not worth tidying up. */
const FEW = 64;

/** Keys without a value are tidied up when they are so many times those with one. */
const MOST = 3;

export class Register<K, V> {
  #map = new Map<K, V | undefined>();
  #size = 0;
  /** Removals until it is worth counting the keys without a value. */
  #patience = FEW;

  get size(): number {
    return this.#size;
  }

  /** How many keys are kept, those without a value among them. */
  get kept(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  /** Enters a value for a key that has none. */
  add(key: K, value: V): void {
    this.#map.set(key, value);
    this.#size++;
  }

  /** Replaces the value of a key that has one. */
  replace(key: K, value: V): void {
    this.#map.set(key, value);
  }

  /** Takes the value of a key that has one away. */
  delete(key: K): void {
    this.#map.set(key, undefined);
    this.#size--;
    if (--this.#patience === 0) this.#tidy();
  }

  *values(): Generator<V> {
    for (const value of this.#map.values()) if (value !== undefined) yield value;
  }

  #tidy(): void {
    const most = Math.max(FEW, MOST * this.#size);
    const idle = this.#map.size - this.#size;
    this.#patience = idle < most ? most - idle : most;
    if (idle < most) return;
    const map = new Map<K, V | undefined>();
    if (this.#size > 0) {
      for (const [key, value] of this.#map) if (value !== undefined) map.set(key, value);
    }
    this.#map = map;
  }
}
