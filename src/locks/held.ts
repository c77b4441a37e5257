/**
 * One owner's locks as phases see them: names by level, which can only become fewer.
 */
import { ProgrammerError } from '../errors.js';
import { type LockName, type PlannedLevel, WHOLE_SET } from '../model/lock.js';
import type { LockManager, OwnerId } from '../ports/lock-manager.js';
import { lockName, wholeSet } from './level.js';
import type { NarrowableLocks } from './plan.js';
import type { KnownNames } from './resolver.js';

/** What one owner holds, and how to hold less. */
export class HeldByOwner implements NarrowableLocks {
  readonly #manager: LockManager;
  readonly #owner: OwnerId;
  readonly #known: KnownNames;

  constructor(manager: LockManager, owner: OwnerId, known: KnownNames) {
    this.#manager = manager;
    this.#owner = owner;
    this.#known = known;
  }

  /** Names held on a level. A whole level is expanded to the objects that exist. */
  at(level: PlannedLevel): ReadonlySet<string> {
    const names = new Set(this.#namesOn(level));
    if (!names.delete(WHOLE_SET)) return names;
    for (const name of this.#known(level)) names.add(name);
    return names;
  }

  /** Gives back everything on a level but these names. Names not held are ignored. */
  keepOnly(level: PlannedLevel, names: Iterable<string>): void {
    void this.#manager.narrow(this.#owner, level, names);
  }

  /**
   * Turns exclusive ownership of a level's names into shared. Throws `ProgrammerError` for names
   * out of a level that is held as a whole: keep only some of its names first.
   */
  downgrade(level: PlannedLevel, names?: Iterable<string>): void {
    const wanted = [...(names ?? this.#namesOn(level))];
    if (names !== undefined) this.#refuseParts(level, wanted);
    const locks = wanted.map((name) => lockName(level, name));
    void this.#manager.downgrade(this.#owner, locks);
  }

  #refuseParts(level: PlannedLevel, names: readonly string[]): void {
    const held = this.#manager.held(this.#owner);
    const parts = names.filter((name) => name !== WHOLE_SET && !held.has(lockName(level, name)));
    if (parts.length === 0 || held.get(wholeSet(level)) !== 'exclusive') return;
    throw new ProgrammerError(
      `Level ${level} is held as a whole, so ${parts.join(', ')} cannot be made shared alone; ` +
        'keep only some names first, or downgrade the whole level',
    );
  }

  #namesOn(level: PlannedLevel): string[] {
    const prefix: LockName = `${level}/`;
    return [...this.#manager.held(this.#owner).keys()]
      .filter((lock) => lock.startsWith(prefix))
      .map((lock) => lock.slice(prefix.length));
  }
}
