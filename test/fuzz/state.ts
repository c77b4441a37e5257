/**
 * All that a cluster knows, to be compared: byte by byte where nothing was done, by meaning where
 * something was done and taken back. Its memory counts as much as its store.
 */
import { openConfig } from '../../src/config/cluster-config.js';
import { CLAIMS_KEY } from '../../src/config/codec.js';
import { type EntityKind, LAST_PORT } from '../../src/model/cluster.js';
import type { ConfigReader } from '../../src/ports/config-store.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import type { Subject } from './subject.js';

/** Store and memory at one moment. */
export interface State {
  /** Records by key. */
  readonly records: ReadonlyMap<string, string>;
  /** Objects by kind and id; the same object as long as nobody changes it. */
  readonly objects: ReadonlyMap<string, unknown>;
}

/** A record without what may differ. */
export type Normal = (key: string, value: string | undefined) => string | undefined;

type Kind = Exclude<EntityKind, 'cluster'>;
const KINDS: readonly Kind[] = ['node', 'group', 'network', 'instance', 'disk'];

/** The state of this moment. */
export async function stateOf({ store, cluster }: Subject): Promise<State> {
  const { entries } = await store.range('');
  const records = new Map(entries.map(({ key, value }) => [key, value]));
  return { records, objects: objectsOf(cluster.config) };
}

function objectsOf(config: ConfigReader): ReadonlyMap<string, unknown> {
  const all = KINDS.flatMap((kind) =>
    Array.from(config.all(kind), (one): [string, unknown] => [`${kind}/${one.id}`, one]),
  );
  return new Map([['cluster', config.cluster], ...all]);
}

/** The keys of records that are not as before. */
export async function changedKeys(
  { store }: Subject,
  { records: before }: State,
  normal: Normal = (_, value) => value,
): Promise<readonly string[]> {
  const { entries } = await store.range('');
  const after = new Map(entries.map(({ key, value }) => [key, value]));
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].filter((key) => {
    const [was, is] = [before.get(key), after.get(key)];
    return was !== is && normal(key, was) !== normal(key, is);
  });
}

/** Where memory is not as before. */
export function changedObjects({ cluster }: Subject, { objects }: State): readonly string[] {
  const now = objectsOf(cluster.config);
  const keys = new Set([...objects.keys(), ...now.keys()]);
  return [...keys].filter((key) => objects.get(key) !== now.get(key));
}

/** Where memory and store disagree; a store that cannot be opened again does so as a whole. */
export async function disagreements(subject: Subject): Promise<readonly string[]> {
  const { store, clock, cluster } = subject;
  try {
    const stored = await openConfig({ store, clock, ids: new SeededIds(1) });
    const [inStore, inMemory] = [objectsOf(stored), objectsOf(cluster.config)];
    await stored.close();
    const keys = [...new Set([...inStore.keys(), ...inMemory.keys()])];
    return keys
      .filter((key) => textOf(inStore.get(key)) !== textOf(inMemory.get(key)))
      .map((key) => `memory and store disagree: ${key}`);
  } catch (error) {
    return [`the store cannot be opened again: ${String(error)}`];
  }
}

function textOf(value: unknown): string | undefined {
  return JSON.stringify(value, inOrder);
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
