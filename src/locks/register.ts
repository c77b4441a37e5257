/**
 * A map for entries that come and go all the time. It does what a Map does, and works around two
 * things about V8's, which together cost more than all rules of locking.
 *
 * G1 A Map that becomes empty is rebuilt at once. One entry of our own stays in it.
 * G2 A Map's outgrown table points to the one that replaced it. Once such a table has reached the
 *    old generation, every later one survives minor collections, with all that was in it. A fresh
 *    Map now and then ends the chain, and costs nothing while there are few entries.
 */

/** After how many removals the map is replaced, and with how many entries that is cheap. */
const RENEW_AFTER = 512;
const FEW = 64;

export class Register<K, V> {
  #map: Map<K, V | undefined>;
  #removals = 0;

  /** `ballast`: a key that no entry has. */
  constructor(ballast: K) {
    this.#map = new Map([[ballast, undefined]]);
  }

  get size(): number {
    return this.#map.size - 1;
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    this.#map.set(key, value);
  }

  delete(key: K): void {
    this.#map.delete(key);
    if (++this.#removals < RENEW_AFTER || this.#map.size > FEW) return;
    this.#map = new Map(this.#map);
    this.#removals = 0;
  }

  *values(): Generator<V> {
    for (const value of this.#map.values()) if (value !== undefined) yield value;
  }
}
