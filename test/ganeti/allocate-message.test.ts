/**
 * The request to allocator programs is the one that real Ganeti makes of the same cluster.
 */
import { describe, expect, test } from 'vitest';
import type { LiveNode } from '../../src/ganeti/allocator/input.js';
import { allocateMessage, allocateRequest } from '../../src/ganeti/allocator/message.js';
import { decodePolicy, encodePolicy } from '../../src/ganeti/wire/policy.js';
import type { NodeId } from '../../src/model/ids.js';
import { POLICY_DEFAULTS } from '../../src/model/ipolicy.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { TestCluster, type TestClusterOptions } from '../../src/testing/test-cluster.js';
import {
  type Capture,
  clusterOf,
  inputOf,
  liveOf,
  readLines,
  type WireRequest,
} from './captures.js';

const CAPTURES = readLines<Capture>('allocator-captures.jsonl');

test.each(CAPTURES)(
  'given the cluster of $label, then the message is the captured one',
  async (capture) => {
    const { config } = await clusterOf(capture);
    const message = allocateMessage(inputOf(capture.input.request), config, liveOf(capture));
    expect(message).toEqual(capture.input);
  },
);

test('given what recorded requests asked for, then our requests are the same', async () => {
  const recorded = readLines<WireRequest>('allocator-requests.jsonl.gz');
  const names = new Set(recorded.flatMap((wire) => wire['restrict-to-nodes'] ?? ['node1']));
  const nodes = [...names].map((name) => ({ name, id: name as NodeId }));
  const { config } = await TestCluster.open({ nodes });
  expect(recorded.length).toBeGreaterThan(100);
  for (const wire of recorded) expect(allocateRequest(inputOf(wire), config)).toEqual(wire);
});

/** What a message says of node `a`, the first of two. */
async function nodeA(
  options: TestClusterOptions,
  live: Partial<LiveNode> = {},
): Promise<Record<string, unknown>> {
  const { config } = await TestCluster.open({ nodes: [{ name: 'a' }, { name: 'b' }], ...options });
  const facts = {
    memoryTotalMib: 8192,
    memoryFreeMib: 5000.9,
    memoryNodeMib: 500,
    cpuTotal: 8,
    storage: [],
  };
  const said: LiveNode = { facts, memoryOfInstances: new Map(), ...live };
  const input = inputOf({
    name: 'new.example.com',
    disk_template: 'file',
    group_name: null,
    tags: [],
    os: 'debian',
    vcpus: 1,
    memory: 128,
    spindle_use: 1,
    disk_space_total: 0,
    disks: [],
    nics: [],
    required_nodes: 1,
    hypervisor: 'fake',
  });
  const both = new Map([nodeIdOf('a'), nodeIdOf('b')].map((id) => [id, said]));
  const message = allocateMessage(input, config, both);
  return (message['nodes'] as Record<string, Record<string, unknown>>)['a'] ?? {};
}

describe('the memory of a node', () => {
  const instance = (name: string, adminState: 'up' | 'down', primary = 'a') => ({
    name,
    adminState,
    primaryNode: nodeIdOf(primary),
    beParams: { maxMemMib: 1000 },
  });

  test('should lose what instances that should run may still claim', async () => {
    const instances = [instance('x', 'up'), instance('y', 'up'), instance('z', 'up')];
    const memoryOfInstances = new Map([
      ['x', 400],
      ['y', 1100],
    ]);
    const node = await nodeA({ instances }, { memoryOfInstances });
    expect(node).toMatchObject({
      free_memory: 5000 - 600 - 1000,
      i_pri_memory: 3000,
      i_pri_up_memory: 3000,
    });
  });

  test('should keep what belongs to instances that are down or live elsewhere', async () => {
    const instances = [
      instance('x', 'down'),
      { ...instance('y', 'up', 'b'), secondaryNodes: [nodeIdOf('a')] },
    ];
    const node = await nodeA({ instances });
    expect(node).toMatchObject({ free_memory: 5000, i_pri_memory: 1000, i_pri_up_memory: 0 });
  });
});

test('should show nodes without numbers when they cannot be asked', async () => {
  for (const state of [{ offline: true }, { vmCapable: false }]) {
    const node = await nodeA({ nodes: [{ name: 'a', ...state }, { name: 'b' }] });
    expect(Object.keys(node)).not.toContain('free_memory');
    expect(node).toMatchObject({ group: 'group-default', drained: false });
  }
});

test('should refuse when a node that should have told its state has not', async () => {
  const { config } = await TestCluster.open();
  const [capture] = CAPTURES;
  if (capture === undefined) throw new Error('no capture');
  expect(() => allocateMessage(inputOf(capture.input.request), config, new Map())).toThrow(
    expect.objectContaining({
      code: 'environment_error',
      message: expect.stringContaining('node1') as string,
    }) as Error,
  );
});

test('should fill node parameters: built-in, cluster, group, node', async () => {
  const node = await nodeA({
    nodes: [{ name: 'a', ndParams: { ssh_port: 2222 } }, { name: 'b' }],
    cluster: { ndParams: { ssh_port: 22, spindle_count: 3, exclusive_storage: true } },
  });
  expect(node['ndparams']).toEqual({
    cpu_speed: 1,
    exclusive_storage: true,
    oob_program: '',
    ovs: false,
    ovs_link: '',
    ovs_name: 'switch1',
    spindle_count: 3,
    ssh_port: 2222,
  });
});

test('should show space, processors and spindles as told', async () => {
  const facts = {
    memoryTotalMib: 1,
    memoryFreeMib: 1,
    memoryNodeMib: 1,
    cpuTotal: 8,
    storage: [{ kind: 'lvm-vg' as const, key: 'vg', totalMib: 100, freeMib: 90 }],
  };
  const node = await nodeA({}, { facts, nodeCpus: 2, spindles: { total: 4, free: 3 } });
  expect(node).toMatchObject({
    total_disk: 100,
    free_disk: 90,
    total_cpus: 8,
    reserved_cpus: 2,
    total_spindles: 4,
    free_spindles: 3,
  });
});

describe('policies', () => {
  test('should be the same after a round trip', () => {
    expect(decodePolicy(encodePolicy(POLICY_DEFAULTS))).toEqual(POLICY_DEFAULTS);
  });

  test.each([
    [{ ...encodePolicy(POLICY_DEFAULTS), extra: 1 }, /extra/],
    [{ ...encodePolicy(POLICY_DEFAULTS), 'vcpu-ratio': '4' }, /vcpu-ratio/],
    [{ ...encodePolicy(POLICY_DEFAULTS), 'disk-templates': ['floppy'] }, /disk-templates\.0/],
    [JSON.parse('{"__proto__": {}}'), /__proto__/],
    [undefined, /expected object/],
  ])('should be refused with the path when they are not as they should be', (data, message) => {
    expect(() => decodePolicy(data)).toThrow(
      expect.objectContaining({
        code: 'wrong_input',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });
});
