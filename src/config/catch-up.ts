/**
 * Learning what other processes have done in time: before decisions are made under locks that
 * others had before, and after a transaction has stumbled over another one's. Waits for the watch,
 * or reads everything anew if nobody follows.
 */
import type { KvCompare, KvOp, KvStore } from '../ports/kv-store.js';
import { CONFIG_PREFIX, LATEST_KEY } from './codec.js';
import type { Follower } from './follower.js';
import { applyRecords, knownRevision } from './stored-changes.js';
import type { Tables } from './tables.js';
import type { Turnstile } from './turnstile.js';

/** A configuration that other processes may change. */
export interface Shared {
  readonly store: KvStore;
  readonly tables: Tables;
  readonly turnstile: Turnstile;
  /** Absent: other processes are met by conflicts only, if there are any. */
  readonly follower: Follower | undefined;
}

/** What goes with every change, for those who follow. */
export function tidings({ follower }: Pick<Shared, 'follower'>): readonly KvOp[] {
  return follower === undefined ? [] : [{ op: 'put', key: LATEST_KEY, value: '1' }];
}

/** Resolves once the tables show all that had been changed when this was called. */
export async function freshen(
  { store, tables, turnstile }: Shared,
  follower: Follower,
): Promise<void> {
  const latest = await store.get(LATEST_KEY);
  if (latest === undefined || (await follower.reaches(latest.revision))) return;
  await readAll({ store, tables, turnstile });
}

/** Resolves once the tables show all up to a revision. Asks the store only if nobody follows. */
export async function catchUpTo(
  { store, tables, turnstile, follower }: Shared,
  revision: number,
): Promise<void> {
  if (follower !== undefined && (await follower.reaches(revision))) return;
  await readAll({ store, tables, turnstile });
}

/** Resolves once the tables are newer than what a transaction has compared in vain. */
export async function catchUp(
  { store, tables, turnstile, follower }: Shared,
  compare: readonly KvCompare[],
): Promise<void> {
  if (follower !== undefined) {
    const found = await Promise.all(compare.map(({ key }) => store.get(key)));
    const isKnown = (): boolean =>
      compare.every(({ key, revision: planned }, at) => {
        const revision = found[at]?.revision ?? 0;
        const known = knownRevision(tables, key);
        return known >= revision && (revision > 0 || known === 0 || known !== planned);
      });
    if (await follower.until(isKnown)) return;
  }
  await readAll({ store, tables, turnstile });
}

function readAll({ store, tables, turnstile }: Omit<Shared, 'follower'>): Promise<void> {
  return turnstile.run(async () => {
    const { entries } = await store.range(CONFIG_PREFIX);
    applyRecords(tables, entries);
  });
}
