/**
 * From what an LU wants on a level to requests for the lock manager.
 *
 * R1 An opportunistic want on `node` is coupled with `node-res` if the plan says anything about
 *    that level: a node counts as free only if both its locks are, and they are granted together.
 *    What the LU declares for `node-res` afterwards can only keep some of them.
 * R2 Names about to be created are locked like others; locks exist for all names.
 */
import { refuse } from '../errors.js';
import type { LockMode, PlannedLevel } from '../model/lock.js';
import type {
  LockManager,
  LockRequest,
  LockUnit,
  LockWait,
  OwnerId,
} from '../ports/lock-manager.js';
import { lockName, wholeSet } from './level.js';
import type { LockPlan, LockWant, WantAvailable, WantNames } from './plan.js';

/**
 * The lock names of the objects on a level which the configuration knows.
 * @public
 */
export type KnownNames = (level: PlannedLevel) => Iterable<string>;

/** Takes one owner's locks, level by level. */
export class LockResolver {
  readonly #manager: LockManager;
  readonly #owner: OwnerId;
  readonly #known: KnownNames;
  /** The level that was locked together with an earlier one. */
  #coupled: PlannedLevel | undefined;

  constructor(manager: LockManager, owner: OwnerId, known: KnownNames) {
    this.#manager = manager;
    this.#owner = owner;
    this.#known = known;
  }

  /**
   * Takes what is wanted on a level; `plan` tells about later ones. Fails like
   * `LockManager.acquire`, and with `insufficient_resources` if there are fewer objects than an
   * opportunistic want needs.
   */
  async take(
    level: PlannedLevel,
    want: LockWant,
    plan: LockPlan,
    wait: LockWait = {},
  ): Promise<void> {
    if (level === this.#coupled) return this.#keepCoupled(level, want, wait);
    if (want.want === 'available') return this.#takeAvailable(level, want, plan, wait);
    await this.#manager.acquire(this.#owner, requestsOf(level, want), wait);
  }

  async #takeAvailable(
    level: PlannedLevel,
    want: WantAvailable,
    plan: LockPlan,
    wait: LockWait,
  ): Promise<void> {
    const names = [...new Set(want.among === 'all' ? this.#known(level) : want.among)];
    const atLeast = want.atLeast ?? 1;
    if (names.length < atLeast) {
      refuse.resources(
        `${atLeast} locks of level ${level} are needed, but there are only ${names.length} ` +
          'candidates; ask for fewer, or allow more',
      );
    }
    const isCoupled = level === 'node' && plan['node-res'] !== undefined;
    const units = names.map((name): LockUnit => {
      const own = lockName(level, name);
      return isCoupled ? [own, lockName('node-res', name)] : [own];
    });
    const mode = isCoupled ? strongest(want.mode, plan['node-res']) : want.mode;
    await this.#manager.acquireAvailable(this.#owner, units, mode, { ...wait, atLeast });
    if (isCoupled) this.#coupled = 'node-res';
    if (mode !== want.mode) await this.#downgrade(level);
  }

  /** Settles a level whose locks were taken together with those of an earlier one. */
  async #keepCoupled(level: PlannedLevel, want: LockWant, wait: LockWait): Promise<void> {
    if (want.want === 'names') {
      const names = namesOf(want);
      await this.#manager.acquire(this.#owner, requestsOf(level, want), wait);
      await this.#manager.narrow(this.#owner, level, names);
    }
    if (want.want === 'all')
      await this.#manager.acquire(this.#owner, requestsOf(level, want), wait);
    if (want.mode === 'shared') await this.#downgrade(level);
  }

  async #downgrade(level: PlannedLevel): Promise<void> {
    const held = [...this.#manager.held(this.#owner).keys()];
    await this.#manager.downgrade(
      this.#owner,
      held.filter((lock) => lock.startsWith(`${level}/`)),
    );
  }
}

/** The requests for a want that names what it is for. */
function requestsOf(
  level: PlannedLevel,
  want: Exclude<LockWant, WantAvailable>,
): readonly LockRequest[] {
  if (want.want === 'all') return [{ lock: wholeSet(level), mode: want.mode }];
  return namesOf(want).map((name) => ({ lock: lockName(level, name), mode: want.mode }));
}

function namesOf({ names, adds = [] }: WantNames): readonly string[] {
  return [...names, ...adds];
}

/** How coupled locks are taken: exclusively, unless both levels are known to want them shared. */
function strongest(mode: LockMode, other: LockWant | 'deferred' | undefined): LockMode {
  const isShared = mode === 'shared' && other !== 'deferred' && other?.mode === 'shared';
  return isShared ? 'shared' : 'exclusive';
}
