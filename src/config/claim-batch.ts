/**
 * What of the publications that wait is written by one transaction.
 *
 * B1 A process with many operations does not wait for the store once for each of them.
 * B2 Whoever may not write any more (its locks are lost, or its attempt is over) does not keep the
 *    others of a batch from it.
 * B3 Publications are written in the order in which they came, those of one operation one by one.
 */
import type { ClaimedByOthers } from '../ports/capacity.js';
import type { FenceSource } from '../ports/fence.js';
import type { KvCompare, KvOp } from '../ports/kv-store.js';
import { type Claim, INDEX_WORDS } from './facts.js';
import { claimedKey, encodeClaims } from './published-claims.js';
import type { Published, Tables } from './tables.js';

/**
 * Most operations of a batch: each compares its record and its fence, and stores admit 128
 * conditions (etcd's default of `--max-txn-ops`).
 */
const MOST = 48;

/** Most text of a batch, characters, unless it is a single operation's: requests have limits. */
const MOST_TEXT = 256 * 1024;

/** What an operation wants others to know. */
export interface Publication {
  readonly owner: string;
  /**
   * Values; `as-before`: those of the last time, whoever has them by now; `none`: it claims nothing
   * any more, and its record goes.
   */
  readonly claims: readonly Claim[] | 'as-before' | 'none';
  readonly fence: FenceSource | undefined;
  /** Others' room on nodes that its own choice was made with; absent: it chooses nothing now. */
  readonly seen?: ClaimedByOthers;
  /** Whether nobody needs to know any more, because its attempt has ended. */
  readonly isOver: () => boolean;
}

/** A publication that waits for its turn. */
export interface Waiting extends Publication {
  /** How often it was tried. */
  readonly tries: number;
  /** Words for what another process was faster with; `undefined`: all know. */
  readonly answer: (taken: string | undefined) => void;
  readonly fail: (error: unknown) => void;
}

/** One that may be written, and how. */
export interface Ready {
  readonly waiting: Waiting;
  /** What is published then; absent: nothing. */
  readonly record: Omit<Published, 'revision'> | undefined;
  readonly op: KvOp;
  /** Its record as it is known. */
  readonly compare: KvCompare;
  /** Its right. */
  readonly proof: KvCompare | undefined;
}

/** A batch, and what has to wait for the next one. */
export interface Batch {
  readonly ready: readonly Ready[];
  readonly later: readonly Waiting[];
}

/**
 * The next batch. Who gets an answer without being written gets it at once. `unseen`: revisions of
 * records that the tables do not know.
 */
export function batchOf(
  queue: readonly Waiting[],
  tables: Tables,
  unseen: ReadonlyMap<string, number>,
): Batch {
  const ready = new Map<string, Ready>();
  const later: Waiting[] = [];
  let length = 0;
  for (const waiting of queue) {
    const isFull = later.length > 0 || ready.size === MOST || ready.has(waiting.owner);
    const revision = tables.published.get(waiting.owner)?.revision ?? unseen.get(waiting.owner);
    const one = isFull ? undefined : judge(waiting, tables, revision ?? 0);
    if (one?.op.op === 'put') length += one.op.value.length;
    if (isFull || (length > MOST_TEXT && ready.size > 0)) later.push(waiting);
    else if (one !== undefined) ready.set(waiting.owner, one);
  }
  return { ready: [...ready.values()], later };
}

function judge(waiting: Waiting, tables: Tables, revision: number): Ready | undefined {
  const { owner, claims, fence } = waiting;
  try {
    const isNeeded = claims === 'none' ? revision > 0 : !waiting.isOver();
    const taken = isNeeded ? whatIsTaken(waiting, tables) : undefined;
    if (!isNeeded || taken !== undefined) {
      waiting.answer(taken);
      return undefined;
    }
    const key = claimedKey(owner);
    const record = recordOf(waiting, tables);
    return {
      waiting,
      record,
      op: record ? { op: 'put', key, value: encodeClaims(record) } : { op: 'delete', key },
      compare: { key, revision },
      proof: fence?.()?.compare,
    };
  } catch (error) {
    waiting.fail(error);
    return undefined;
  }
}

function recordOf({ owner, claims }: Publication, tables: Tables): Ready['record'] {
  if (claims === 'none') return undefined;
  const values = claims === 'as-before' ? tables.published.get(owner)?.claims : [...claims];
  return { claims: values ?? [], capacity: tables.capacity.of(owner) };
}

/** Words for what another process was faster with. */
function whatIsTaken({ owner, claims, seen }: Publication, tables: Tables): string | undefined {
  const capacity = tables.capacity.of(owner);
  // Whoever has claimed room in this process since has seen what is claimed here.
  if (seen !== undefined && tables.capacity.isOvertaken(capacity, seen, tables.claimants)) {
    return 'room on a node was claimed';
  }
  if (typeof claims === 'string') return undefined;
  const lost = claims.find(({ index, value }) => tables.holder(index, value) !== owner);
  if (lost === undefined) return undefined;
  const holder = tables.holder(lost.index, lost.value);
  const by = holder === undefined ? 'was taken' : `now belongs to ${holder}`;
  return `the ${INDEX_WORDS[lost.index]} '${lost.value}' ${by}`;
}
