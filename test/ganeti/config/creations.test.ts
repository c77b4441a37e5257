/**
 * Creations that real Ganeti has carried out, repeated on the cluster as it was before: what is
 * written afterwards is what Ganeti wrote, but for what was drawn by chance and for times.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeCreateOp } from '../../../src/ganeti/opcode/decode.js';
import type { JsonObject, JsonValue } from '../../../src/ganeti/wire/json.js';
import { LUInstanceCreate } from '../../../src/instance-create/lu-instance-create.js';
import type { CreateOp } from '../../../src/instance-create/op.js';
import { instanceIn, objectsIn, openTakenOver, withoutInstance } from './lab.js';
import { configOf } from './takeover.js';

interface Creation {
  readonly label: string;
  /** The configuration that has the instance. */
  readonly config: string;
  /** The nodes that Ganeti chose, or was told. */
  readonly nodes: readonly string[];
  readonly opcode: JsonObject;
}

const CREATIONS = JSON.parse(
  readFileSync(new URL('data/creations.json', import.meta.url), 'utf8'),
) as readonly Creation[];

test.each(CREATIONS)('$label', async ({ config, nodes, opcode }) => {
  const after = configOf(config);
  const name = opcode['instance_name'] as string;
  const lab = await openTakenOver(withoutInstance(after, name));
  const { op } = decodeCreateOp(opcode);
  await lab.cluster.run(new LUInstanceCreate(), placed(op, nodes));
  const [ours, theirs] = [lab.written(), after].map((whole) => comparable(whole, name));
  expect(ours).toEqual(theirs);
});

/** On the nodes where it was; who chooses them is not what this is about. */
function placed({ iallocator: _, ...op }: CreateOp, [pnode = '']: readonly string[]): CreateOp {
  return { ...op, pnode };
}

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
