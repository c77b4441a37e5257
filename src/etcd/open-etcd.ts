/**
 * Opening a store on etcd: how it is reached, and whether it can be.
 */
import { ProgrammerError } from '../errors.js';
import { checkKey } from '../ports/kv-rules.js';
import { EtcdClient } from './client/etcd-client.js';
import type { EtcdOptions } from './client/options.js';
import { EtcdKvStore } from './etcd-kv-store.js';

/**
 * What opening a store on etcd needs.
 * @public
 */
export interface EtcdStoreOptions extends EtcdOptions {
  /**
   * What all keys of the store begin with in etcd, such as `clusters/berlin/`; must end in a slash.
   * Processes that give the same prefix share the store.
   */
  readonly prefix: string;
}

/**
 * Opens a key-value store on etcd 3.4 or later, and asks it once. Closing the store closes the
 * connection; the contents stay.
 *
 * Rejects with `ConfigError` `io` if no member answers, or etcd refuses us; with `ProgrammerError`
 * for options that make no sense.
 * @public
 */
export async function openEtcd(options: EtcdStoreOptions): Promise<EtcdKvStore> {
  const { prefix } = options;
  checkKey(prefix);
  if (!prefix.endsWith('/')) {
    throw new ProgrammerError(
      `The prefix '${prefix}' has to end in a slash, so that none hides it`,
    );
  }
  const client = new EtcdClient(options);
  try {
    await client.page({ prefix, limit: 1 });
    return new EtcdKvStore({ client, prefix });
  } catch (error) {
    client.close();
    throw error;
  }
}
