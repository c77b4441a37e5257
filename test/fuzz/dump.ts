/**
 * All that a cluster's store holds, to be compared: byte by byte where nothing was done, by meaning
 * where something was done and taken back.
 */
import { CLAIMS_KEY } from '../../src/config/codec.js';
import { LAST_PORT } from '../../src/model/cluster.js';
import type { TestCluster } from '../../src/testing/test-cluster.js';

/** Records by key. */
export type Dump = ReadonlyMap<string, string>;

/** A record without what may differ. */
type Normal = (key: string, value: string | undefined) => string | undefined;

/** All records. */
export async function dump({ store }: TestCluster): Promise<Dump> {
  const { entries } = await store.range('');
  return new Map(entries.map(({ key, value }) => [key, value]));
}

/** What is not as before, one line for each record. */
export async function changes(
  cluster: TestCluster,
  before: Dump,
  normal: Normal = (_, value) => value,
): Promise<readonly string[]> {
  const after = await dump(cluster);
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys]
    .filter((key) => normal(key, before.get(key)) !== normal(key, after.get(key)))
    .map((key) => `changed: ${key}`);
}

/**
 * Every commit counts itself, and one that takes new values counts those. A port that was given
 * back is in the pool, and as free as one that was never given out.
 */
export const withoutSerial: Normal = (key, value) =>
  normalised(key, value, ({ portPool, highestUsedPort, ...others }) => {
    const fresh = Array.from({ length: LAST_PORT - highestUsedPort }, (_, at) => LAST_PORT - at);
    return { ...others, free: [...portPool, ...fresh].sort((a, b) => a - b) };
  });

/** Without ports, which Ganeti loses. */
export const withoutPorts: Normal = (key, value) =>
  normalised(key, value, ({ portPool: _, highestUsedPort: __, ...others }) => others);

interface ClusterRecord {
  readonly portPool: readonly number[];
  readonly highestUsedPort: number;
}

function normalised(
  key: string,
  value: string | undefined,
  portsOf: (cluster: ClusterRecord) => object,
): string | undefined {
  if (key === CLAIMS_KEY || value === undefined) return undefined;
  if (!key.startsWith('config/') || !value.startsWith('{')) return value;
  const record = JSON.parse(value) as ClusterRecord & Readonly<Record<string, unknown>>;
  const { serial: _, createdAtMs: __, modifiedAtMs: ___, ...others } = record;
  if (key === 'config/cluster') return JSON.stringify(portsOf(others), inOrder);
  // A reservation that was used and is put back is a new record to the store.
  return record['forthcoming'] === true ? JSON.stringify(others, inOrder) : value;
}

/** A new record may have its keys in another order. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
