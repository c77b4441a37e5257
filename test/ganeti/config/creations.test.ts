/**
 * Creations that real Ganeti has carried out, repeated on the cluster as it was before: what is
 * written afterwards is what Ganeti wrote, but for what was drawn by chance and for times.
 */
import { expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/ganeti/wire/json.js';
import { CREATIONS, repeated } from './creations.js';
import { instanceIn, objectsIn, withoutInstance } from './lab.js';
import { configOf } from './takeover.js';

test.each(CREATIONS)('$label', async (creation) => {
  const after = configOf(creation.config);
  const [ours, theirs] = [await repeated(creation), after].map((whole) =>
    comparable(whole, creation.instance),
  );
  expect(ours).toEqual(theirs);
});

/** An instance with its disks, and all else; what chance and the clock decide is left out. */
function comparable(config: JsonObject, name: string): object {
  const instance = instanceIn(config, name);
  const disks = (instance['disks'] as readonly string[]).map(
    (id) => objectsIn(config, 'disks')[id],
  );
  return {
    instance: withoutChance({ ...instance, disks: [] }),
    disks: disks.map((disk) => withoutChance(disk ?? null)),
    networks: Object.values(objectsIn(config, 'networks')).map(
      (network) => network['reservations'],
    ),
    others: withoutInstance(config, name)['instances'],
    otherDisks: withoutInstance(config, name)['disks'],
    cluster: withoutChance(config['cluster'] ?? null),
  };
}

/** Times, counters and ids; and what is empty, which Ganeti writes or not. */
const CHANCE = new Set(['uuid', 'ctime', 'mtime', 'serial_no', 'forthcoming']);

function withoutChance(value: JsonValue, key = ''): JsonValue {
  if (typeof value === 'string') return chanceless(value, key);
  if (Array.isArray(value)) return value.map((item: JsonValue) => withoutChance(item, key));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([name, inner]) => !CHANCE.has(name) && !(Array.isArray(inner) && inner.length === 0),
  );
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutChance(inner, name)]));
}

/** The last three bytes of a drawn address, and the ids in names of files. */
function chanceless(value: string, key: string): string {
  if (key === 'mac') return value.slice(0, 8);
  return value.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}(?=\.)/g, '#');
}
