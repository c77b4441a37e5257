/**
 * An index with several members per key: the instances of a node, the names that a short name fits.
 * Most keys have one member (names) and some have thousands (a node's instances), so one member is
 * kept bare and only more get a set; no operation depends on how many others there are.
 */
import { type Moment, type Timeline, VersionedMap } from './versioned-map.js';

/** Members by key. Adding twice and deleting what is not there are harmless. */
export class MultiIndex {
  readonly #timeline: Timeline;
  readonly #keys: VersionedMap<string | VersionedMap<true>>;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
    this.#keys = new VersionedMap(timeline);
  }

  add(key: string, member: string): void {
    const held = this.#keys.get(key);
    if (held === undefined) {
      this.#keys.set(key, member);
    } else if (typeof held !== 'string') {
      held.set(member, true);
    } else if (held !== member) {
      const members = new VersionedMap<true>(this.#timeline);
      members.set(held, true);
      members.set(member, true);
      this.#keys.set(key, members);
    }
  }

  delete(key: string, member: string): void {
    const held = this.#keys.get(key);
    if (held === member) {
      this.#keys.delete(key);
    } else if (held !== undefined && typeof held !== 'string') {
      held.delete(member);
      if (held.size() === 0) this.#keys.delete(key);
    }
  }

  members(key: string, at?: Moment): readonly string[] {
    const held = this.#keys.get(key, at);
    if (held === undefined) return [];
    return typeof held === 'string' ? [held] : [...held.keys(at)];
  }

  /** The member, if there is exactly one. */
  only(key: string, at?: Moment): string | undefined {
    const held = this.#keys.get(key, at);
    if (held === undefined || typeof held === 'string') return held;
    if (held.size(at) !== 1) return undefined;
    return [...held.keys(at)][0];
  }

  /** Whether there is anything under the key. */
  has(key: string): boolean {
    return this.#keys.get(key) !== undefined;
  }
}
