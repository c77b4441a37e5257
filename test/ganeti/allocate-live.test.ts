/**
 * The whole way of a placement on live clusters: the configuration as it was, the nodes' answers as
 * they were, the request as it was; then the program is asked what Ganeti has asked it.
 */
import { describe, expect, test } from 'vitest';
import { ProgramAllocator, type RunProgram } from '../../src/ganeti/allocator/program-allocator.js';
import type { JsonObject, JsonValue } from '../../src/ganeti/wire/json.js';
import { LUInstanceCreate } from '../../src/instance-create/lu-instance-create.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import type { NodeFacts } from '../../src/ports/node-facts.js';
import { answered } from '../../src/ports/reply.js';
import { type Capture, readLines } from './captures.js';
import { requestFor } from './config/creations.js';
import {
  instanceIn,
  namesIn,
  openTakenOver,
  type TakenOver,
  withoutInstance,
} from './config/lab.js';
import { configOf } from './config/takeover.js';

/** Those of the cluster whose last configuration was kept. */
const CAPTURES = readLines<Capture>('allocator-captures.jsonl').filter(({ label }) =>
  label.startsWith('m0'),
);

/** The cluster when the program was asked: instances of later times are not there. */
async function openAt({ input }: Capture, run: RunProgram): Promise<TakenOver> {
  const last = configOf('3-nodes');
  const before = namesIn(last)
    .filter((name) => !(name in input.instances))
    .reduce(withoutInstance, last);
  const lab = await openTakenOver(before, { allocators: [new ProgramAllocator('hailtee', run)] });
  lab.nodes.nodeInfo = (ids, { storage }) =>
    Promise.resolve(
      new Map(ids.map((id) => [id, answered(factsOf(lab, id, input, storage.length > 0))])),
    );
  for (const { name, primaryNode, adminState } of lab.cluster.config.all('instance')) {
    const { memory = 0, vcpus = 0 } = input.instances[name] ?? {};
    const status = { running: true, memoryMib: memory, vcpus };
    if (adminState === 'up') lab.nodes.state(primaryNode).running.set(name, status);
  }
  return lab;
}

/** What a node had said. */
function factsOf(
  { cluster }: TakenOver,
  id: string,
  { nodes }: Capture['input'],
  withSpace: boolean,
): NodeFacts {
  const wire = nodes[cluster.config.find('node', id)?.name ?? ''];
  if (wire === undefined) throw new Error(`nothing was recorded of ${id}`);
  const space = { kind: 'file', key: '/srv', totalMib: wire.total_disk, freeMib: wire.free_disk };
  return {
    memoryTotalMib: wire.total_memory,
    memoryFreeMib: wire.free_memory,
    memoryNodeMib: wire.reserved_memory,
    cpuTotal: wire.total_cpus,
    cpuNode: wire.reserved_cpus,
    storage: withSpace ? [space as NodeFacts['storage'][number]] : [],
  };
}

/** The request as it came: Ganeti notes the nodes that were chosen in its job. */
function askedFor({ input }: Capture): CreateOp {
  const { pnode: _, pnodeUuid: __, ...op } = requestFor(input.request.name);
  return op;
}

/** Ids and addresses that were drawn for what is asked for; Ganeti keeps tags in no order. */
function withoutChance(message: JsonObject): JsonObject {
  const request = message['request'] as JsonObject;
  const nics = (request['nics'] as readonly JsonObject[]).map((nic): JsonObject => {
    const { uuid: _, mac, ...others } = nic;
    return { ...others, prefix: (mac as string).slice(0, 8) };
  });
  return withTagsInOrder({ ...message, request: { ...request, nics } });
}

function withTagsInOrder<T extends JsonValue>(value: T): T {
  const ordered = (key: string, inner: JsonValue): JsonValue =>
    key === 'tags' ? (inner as string[]).toSorted(byText) : inner;
  return JSON.parse(JSON.stringify(value, ordered)) as T;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

describe('on a live cluster', () => {
  test.each(CAPTURES)('should ask what Ganeti asked, field by field ($label)', async (capture) => {
    const asked: JsonObject[] = [];
    const lab = await openAt(capture, (_name, json) => {
      asked.push(JSON.parse(json) as JsonObject);
      return Promise.resolve({ exitCode: 0, stdout: capture.stdout, stderr: '' });
    });
    const { result, success, info } = JSON.parse(capture.stdout) as {
      readonly success: boolean;
      readonly info: string;
      readonly result: readonly string[];
    };

    const work = lab.cluster.run(new LUInstanceCreate(), askedFor(capture));

    if (success) expect(await work).toEqual(result);
    else await expect(work).rejects.toMatchObject({ code: 'insufficient_resources' });
    if (!success) await expect(work).rejects.toThrow(info);
    const [ours] = asked.map(withoutChance);
    expect(ours).toEqual(withoutChance(capture.input as unknown as JsonObject));
    if (success) expect(placeOf(lab.written(), capture)).toEqual(result[0]);
  });
});

/** The node that the written configuration has for the instance. */
function placeOf(config: JsonObject, { input }: Capture): JsonValue | undefined {
  const { primary_node: id } = instanceIn(config, input.request.name);
  return (config['nodes'] as Readonly<Record<string, JsonObject>>)[id as string]?.['name'];
}
