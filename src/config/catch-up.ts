/**
 * What to do after a transaction has met another process's: wait until this process knows what it
 * has stumbled over, or read everything anew if nobody follows.
 */
import type { KvCompare, KvStore } from '../ports/kv-store.js';
import { CONFIG_PREFIX } from './codec.js';
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
  await turnstile.run(async () => {
    const { entries } = await store.range(CONFIG_PREFIX);
    applyRecords(tables, entries);
  });
}
