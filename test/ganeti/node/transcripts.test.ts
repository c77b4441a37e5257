/**
 * Every transcript of a real node daemon that belongs to a procedure which is called here: its
 * arguments are read into our objects and written again, its answer is read.
 */
import { describe, expect, test } from 'vitest';
import { initConfig, openConfig } from '../../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../../src/config/memory-kv-store.js';
import { GanetiNodes } from '../../../src/ganeti/node/ganeti-nodes.js';
import { plainDisk, wireDisk } from '../../../src/ganeti/node/encode-disk.js';
import { wireInstance } from '../../../src/ganeti/node/encode-instance.js';
import type { NodeAnswer, NodeCall, NodeTransport } from '../../../src/ganeti/node/transport.js';
import { decodeDisk } from '../../../src/ganeti/objects/disk.js';
import { decodeNetwork, encodeNetwork } from '../../../src/ganeti/objects/network.js';
import type { OpcodeJob } from '../../../src/ganeti/opcode/params.js';
import type { Cluster } from '../../../src/model/cluster.js';
import type { GroupId, InstanceId, NodeId } from '../../../src/model/ids.js';
import { newCluster, newGroup, newNode } from '../../../src/model/new-objects.js';
import type { ConfigReader } from '../../../src/ports/config-store.js';
import { answered, failed } from '../../../src/ports/reply.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { SeededIds } from '../../../src/testing/seeded-ids.js';
import { ownDiskOf } from './decoded.js';
import type { Json } from './recorded.js';
import {
  callAgain,
  isOurs,
  LAYOUTS,
  runtimeOn,
  same,
  type Transcript,
  TRANSCRIPTS,
} from './transcripts.js';

const NODE = 'node-here' as NodeId;

/** Calls that were made to see a refusal, and that none of ours can make. */
const STRANGE: Readonly<Record<string, string>> = {
  '0-general/03-node_info': 'asks for nothing',
  '0-general/06-node_info': 'asks for the space of what has none',
  '0-general/07-node_info': 'asks no hypervisor',
  '0-general/26-os_validate': 'does not insist on the OS',
  '0-general/27-os_validate': 'asks for an unknown check',
  '0-general/45-iallocator_runner': 'has options without a value',
  '0-general/41-hooks_runner': 'of an unknown phase',
  'd-os-definitions/12-instance_os_add': 'has a parameter that is no text',
  'e-errors/04-blockdev_create': 'has no parameters filled in',
  'e-errors/06-blockdev_create': 'has an unknown kind of disk',
  'e-errors/07-blockdev_create': 'has an unknown field',
  'e-errors/08-blockdev_create': 'has too few arguments',
  'e-errors/09-instance_start': 'has an unknown field',
  'e-errors/10-instance_start': 'has no list of reasons',
  'e-errors/11-instance_start': 'has no memory',
  'e-errors/19-instance_os_add': 'has no private parameters',
  'e-errors/20-instance_os_add': 'has null in place of private parameters',
  'e-errors/21-instance_os_add': 'has no list of secondary nodes',
};

/** Keeps the call, and gives the recorded answer. */
class OneAnswer implements NodeTransport {
  readonly calls: NodeCall[] = [];
  readonly #answer: Transcript['answer'];

  constructor(answer: Transcript['answer']) {
    this.#answer = answer;
  }

  call(call: NodeCall): Promise<ReadonlyMap<NodeId, NodeAnswer>> {
    this.calls.push(call);
    const [worked, payload] = this.#answer;
    const reply = worked ? answered(payload) : failed(String(payload));
    return Promise.resolve(new Map(call.nodes.map(({ id }) => [id, reply])));
  }
}

/** Nodes of mirrored disks, by the addresses that the layouts give them. */
async function configuration(facts: Partial<Cluster> = {}): Promise<ConfigReader> {
  const [store, clock] = [new MemoryKvStore(), new ManualClock()];
  const group = newGroup({ id: 'group' as GroupId, name: 'default' });
  const layout = (name: string): Json =>
    LAYOUTS.find(({ from }) => from.endsWith(name))?.object ?? {};
  const mirrored = layout('disk-drbd-for-primary');
  const [primary, secondary] = mirrored['logical_id'] as [NodeId, NodeId];
  const dynamic = mirrored['dynamic_params'] as Readonly<Record<string, string>>;
  const node = (id: NodeId, secondaryIp = '192.0.2.9') =>
    newNode({ id, name: `${id}.test`, groupId: group.id, primaryIp: secondaryIp, secondaryIp });
  await initConfig({
    store,
    clock,
    cluster: newCluster({ id: 'c', name: 'c.test', masterNode: NODE, hvParams: {}, ...facts }),
    nodes: [node(NODE), node(primary, dynamic['local-ip']), node(secondary, dynamic['remote-ip'])],
    groups: [group],
  });
  return openConfig({ store, clock, ids: new SeededIds(1) });
}

/** What the job said, as the arguments show it. */
function jobOf({ procedure, body }: Transcript): Pick<OpcodeJob, 'debugLevel' | 'reason'> {
  const last = body.at(-1);
  return {
    debugLevel: /^instance_(os_add|run_rename)$/.test(procedure) ? (last as number) : 0,
    reason: /^instance_(start|shutdown)$/.test(procedure) ? (last as readonly unknown[]) : [],
  };
}

describe('a transcript', () => {
  const ours = TRANSCRIPTS.filter(isOurs);

  test('is there for most of the procedures', () => {
    const procedures = new Set(ours.map(({ procedure }) => procedure));
    expect(procedures.size).toBe(31);
    expect(ours.filter(({ from }) => !(from in STRANGE))).toHaveLength(150);
    expect(Object.keys(STRANGE).filter((from) => !ours.some((one) => one.from === from))).toEqual(
      [],
    );
  });

  const cases = ours
    .filter(({ from }) => !(from in STRANGE))
    .map((one) => [one.from, one] as const);

  test.each(cases)('%s is made again, and its answer is read', async (_from, transcript) => {
    const { procedure, body, answer } = transcript;
    // Lists of guests are asked for with the cluster's own parameters.
    const hvParams = procedure === 'instance_list' ? { hvParams: body[1] as never } : {};
    const config = await configuration(hvParams);
    const transport = new OneAnswer(answer);
    const on = new GanetiNodes({ transport, config, job: jobOf(transcript), looksBefore: false });
    const reply = await callAgain(transcript, { on, transport, config, node: NODE });
    // The last one, where a domain call makes several.
    const call = transport.calls.at(-1);
    expect(call?.procedure).toBe(procedure);
    expect(same(call?.wire(NODE))).toEqual(same(body));
    const [one] = (reply instanceof Map ? [...reply.values()] : [reply]) as { ok: boolean }[];
    const isAbsent = /not found in search path/.test(String(answer[1]));
    expect(one?.ok).toBe(answer[0] || (procedure === 'os_validate' && isAbsent));
  });
});

describe("an object as Ganeti's encoder writes it", () => {
  const objects = (kind: string) =>
    LAYOUTS.map(({ from, object }) => [from.slice('g-layouts/'.length), object] as const).filter(
      ([name]) => name.startsWith(kind),
    );

  test.each(objects('disk'))('%s is read and written again', async (name, object) => {
    const config = await configuration();
    const instanceId = 'owner' as InstanceId;
    if (name.endsWith('unannotated')) {
      const disk = decodeDisk(object, { instanceId, index: 0 });
      expect(same(plainDisk(disk, undefined))).toEqual(same(object));
      return;
    }
    const [primary, secondary] = object['logical_id'] as [NodeId, NodeId];
    const node = name.endsWith('for-secondary') ? secondary : primary;
    const disk = ownDiskOf(object, { uuid: instanceId }, config);
    expect(same(wireDisk(disk, { config, node }))).toEqual(same(object));
  });

  test.each(objects('instance'))('%s is read and written again', async (_name, object) => {
    const config = await configuration();
    const node = object['primary_node'] as NodeId;
    const written = wireInstance(runtimeOn(object, config), { config, node });
    expect(same(written)).toEqual(same(object));
  });

  test.each(objects('network'))('%s is read and written again', (_name, object) => {
    expect(same(encodeNetwork(decodeNetwork(object, []), []))).toEqual(same(object));
  });
});
