/**
 * Configurations that Ganeti 3.0 wrote, and a store that has taken one over.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type ClusterConfig, initConfig, openConfig } from '../../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../../src/config/memory-kv-store.js';
import { type ConfigData, readConfigData } from '../../../src/ganeti/config/read.js';
import type { JsonObject } from '../../../src/ganeti/wire/json.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { SeededIds } from '../../../src/testing/seeded-ids.js';

interface Recorded {
  readonly about: string;
  readonly config: JsonObject;
}

/** Of live clusters, and recorded beside vectors. */
export const CONFIGS: readonly Recorded[] = gunzipSync(
  readFileSync(new URL('data/configs.jsonl.gz', import.meta.url)),
)
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

/** The one whose description ends like this. */
export function configOf(about: string): JsonObject {
  const found = CONFIGS.find((recorded) => recorded.about.endsWith(about));
  if (found === undefined) throw new Error(`no configuration is called ${about}`);
  return found.config;
}

/** What was read, and a store that holds it. */
export interface Takeover extends ConfigData {
  readonly store: ClusterConfig;
}

/** Reads a configuration into a new store. */
export async function takeOver(source: string | JsonObject): Promise<Takeover> {
  const data = readConfigData(source);
  const [store, clock] = [new MemoryKvStore(), new ManualClock()];
  await initConfig({ store, clock, keepStamps: true, ...data });
  return { ...data, store: await openConfig({ store, clock, ids: new SeededIds(1) }) };
}

/** A copy with other values at some places: `set(config, 'x', 'cluster', 'cluster_name')`. */
export function set(
  data: JsonObject,
  value: JsonObject[string],
  ...path: readonly string[]
): JsonObject {
  const [key = '', ...rest] = path;
  const inner = data[key];
  return { ...data, [key]: rest.length === 0 ? value : set(inner as JsonObject, value, ...rest) };
}
