/**
 * Who is alive, as far as this process knows. What it does not know yet does not count as dead by
 * mistake: whoever acts on a death compares, in the same transaction, that the member's key is gone
 * (a member's id is never used again, so it stays gone).
 */
import type { KvChange, KvEntry } from '../../ports/kv-store.js';
import type { OwnerId } from '../../ports/lock-manager.js';
import { MEMBERS_PREFIX } from '../../ports/membership.js';
import type { Mirror } from './mirror.js';
import type { Chore } from './words.js';

/** The key that is there as long as a member counts as alive. */
export function memberKey(id: string): string {
  return `${MEMBERS_PREFIX}${id}`;
}

export class Members {
  #revisions = new Map<string, number>();
  /** Members that were here and are no more. */
  readonly #gone = new Set<string>();

  /** The revision of a member's key; `undefined` if it is not known to be alive. */
  revision(id: string): number | undefined {
    return this.#revisions.get(id);
  }

  /** Enters changes. */
  apply({ revision, ops }: KvChange): void {
    for (const op of ops) {
      const id = op.key.slice(MEMBERS_PREFIX.length);
      if (op.op === 'put') this.#revisions.set(id, revision);
      else if (this.#revisions.delete(id)) this.#gone.add(id);
    }
  }

  /** Enters a member that was found before the watch has shown it. */
  find({ key, revision }: KvEntry): void {
    const id = key.slice(MEMBERS_PREFIX.length);
    if (!this.#gone.has(id)) this.#revisions.set(id, revision);
  }

  /** Replaces everything by what was read. */
  load(entries: readonly KvEntry[]): void {
    const before = this.#revisions;
    this.#revisions = new Map(
      entries.map(({ key, revision }) => [key.slice(MEMBERS_PREFIX.length), revision]),
    );
    for (const id of before.keys()) if (!this.#revisions.has(id)) this.#gone.add(id);
  }
}

/** What is to be done for the table now. Without a handler nobody takes over what is held. */
export function choresOf(mirror: Mirror, members: Members, canTakeOver: boolean): Chore[] {
  const chores: Chore[] = mirror.isSettled ? [] : [{ do: 'settle' }];
  for (const of of mirror.turns.keys()) {
    if (members.revision(of) === undefined) chores.push({ do: 'clear', of });
  }
  for (const [owner, { record }] of mirror.owners) {
    const { member: of, holds, request } = record;
    if (members.revision(of) !== undefined) continue;
    if (holds.length > 0 && canTakeOver) chores.push({ do: 'adopt', owner, of });
    else if (request !== undefined) chores.push({ do: 'drop', owner, of });
  }
  return chores;
}

/** The owners that this member took over from others. */
export function takenOver(mirror: Mirror, member: string): OwnerId[] {
  return [...mirror.owners].flatMap(([owner, { record }]) =>
    record.member === member && record.isTakenOver === true ? [owner] : [],
  );
}
