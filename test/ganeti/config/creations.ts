/**
 * Creations that live clusters have carried out, and what they take to be repeated: the opcode, and
 * the configuration as it was before.
 */
import { decodeCreateOp } from '../../../src/ganeti/opcode/decode.js';
import type { JsonObject } from '../../../src/ganeti/wire/json.js';
import { LUInstanceCreate } from '../../../src/instance-create/lu-instance-create.js';
import type { CreateOp } from '../../../src/instance-create/op.js';
import { readLines } from '../captures.js';
import { openTakenOver, withoutInstance } from './lab.js';
import { configOf } from './takeover.js';

/** One of them. */
export interface Creation {
  readonly label: string;
  /** The configuration that has the instance. */
  readonly config: string;
  readonly instance: string;
  /** Its primary node, by Ganeti's choice or the operator's. */
  readonly pnode: string;
}

/** All that have left a configuration behind. */
export const CREATIONS: readonly Creation[] = (
  [
    ['01-diskless', '4-instances-network', 'inst1', 'node1'],
    ['02-file-2disk-2nic', '4-instances-network', 'inst2', 'node1'],
    ['03-file-netip', '4-instances-network', 'inst3', 'node1'],
    ['04-sharedfile-noinstall', '4-instances-network', 'inst4', 'node1'],
    ['06-kvm-hvparams', '6-instances-network-import-kvm', 'kvm2', 'node1'],
    ['m01-file-hail', '3-nodes', 'mi1', 'm1'],
    ['m02-diskless-hail', '3-nodes', 'mi2', 'm2'],
    ['m03-sharedfile-hail', '3-nodes', 'mi3', 'm3'],
    ['m04-toolarge-hail', '3-nodes', 'mi4', 'm2'],
  ] as const
).map(([label, config, instance, pnode]) => ({
  label,
  config,
  instance: `${instance}.example.com`,
  pnode: `${pnode}.example.com`,
}));

const OPCODES = readLines<JsonObject>('job-opcodes.jsonl');

/** Ganeti keeps private values out of jobs. These are those of the live clusters. */
const PRIVATE = 'hunter2';

/** The request for an instance; the last one, if there were several. */
export function requestFor(instanceName: string): CreateOp {
  const opcode = OPCODES.findLast(
    (found) => found['instance_name'] === instanceName && found['mode'] === 'create',
  );
  if (opcode === undefined) throw new Error(`nobody asked for ${instanceName}`);
  const shown = ['osparams_private', 'osparams_secret'].map((name) => [
    name,
    withValues(opcode[name]),
  ]);
  return decodeCreateOp({ ...opcode, ...Object.fromEntries(shown) }).op;
}

function withValues(secrets: JsonObject[string] | undefined): JsonObject {
  const names = Object.keys((secrets ?? {}) as JsonObject);
  return Object.fromEntries(names.map((name) => [name, PRIVATE]));
}

/** Repeats a creation, on the node where it was; gives the configuration that is written then. */
export async function repeated({ config, instance, pnode }: Creation): Promise<JsonObject> {
  const lab = await openTakenOver(withoutInstance(configOf(config), instance));
  const { iallocator: _, ...op } = requestFor(instance);
  await lab.cluster.run(new LUInstanceCreate(), { ...op, pnode });
  return lab.written();
}
