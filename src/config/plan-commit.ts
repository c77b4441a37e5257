/**
 * From a recipe's work to a transaction: stamps the objects, checks what must hold, and says what
 * the store has to compare and write. Pure: memory changes only after the store has agreed.
 *
 * P1 Nothing that two objects would share gets through, reservations of others included.
 * P2 No object refers to one that is not there, and none is removed that others refer to.
 */
import type { ConfigDraft } from '../ports/config-store.js';
import type { KvCompare, KvOp } from '../ports/kv-store.js';
import { CLAIMS_KEY } from './codec.js';
import { settlePorts } from './console-ports.js';
import { PendingCommit } from './draft.js';
import type { Claim } from './facts.js';
import { arePublished, claimedKey } from './published-claims.js';
import { checkReferences } from './references.js';
import { type Change, Changes, type Tables } from './tables.js';
import { checkReservations, newClaims } from './uniqueness.js';

/** A commit, ready for the store. */
export interface PlannedCommit {
  readonly changes: readonly Change[];
  /** Values that become taken. */
  readonly claims: readonly Claim[];
  /** What the store has to compare. */
  readonly compare: readonly KvCompare[];
  /** What it has to write. */
  readonly ops: readonly KvOp[];
  /** Whether it writes the key that guards new values. */
  readonly guards: boolean;
}

/** What planning a commit needs besides the recipe. */
export interface PlanInput {
  readonly tables: Tables;
  /** Whose reservations may be used. */
  readonly owner: string | undefined;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** Runs the recipe on the newest state and plans its commit. Throws `ConfigError`. */
export function planCommit(
  recipe: (draft: ConfigDraft) => void,
  { tables, owner, nowMs }: PlanInput,
): PlannedCommit {
  const pending = new PendingCommit(tables);
  recipe(pending);
  settlePorts(pending);
  const planned = pending.changes(nowMs);
  const changes = new Changes(planned);
  const claims = newClaims(tables, changes);
  checkReservations(tables, claims, owner);
  checkReferences(tables, changes);
  const compare = planned.map((change) => change.compare());
  const ops = planned.map((change) => change.op());
  if (claims.length > 0) guard({ tables, owner }, claims, compare, ops);
  const guards = ops.some(({ key }) => key === CLAIMS_KEY);
  return { changes: planned, claims, compare, ops, guards };
}

/**
 * New values are taken under the guard of one key, which every such commit writes: what another
 * process took meanwhile, by writing objects that this commit does not touch, is a conflict. What
 * the operation has published is guarded already, as long as its record stands.
 */
function guard(
  { tables, owner }: Pick<PlanInput, 'tables' | 'owner'>,
  claims: readonly Claim[],
  compare: KvCompare[],
  ops: KvOp[],
): void {
  if (owner !== undefined && arePublished(tables, owner, claims)) {
    const revision = tables.published.get(owner)?.revision ?? 0;
    compare.push({ key: claimedKey(owner), revision });
    return;
  }
  compare.push({ key: CLAIMS_KEY, revision: tables.claimsRevision });
  ops.push({ op: 'put', key: CLAIMS_KEY, value: '1' });
}
