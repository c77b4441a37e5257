/**
 * Allocator programs behind the allocator port: what they are asked, what becomes of their answers,
 * and the real one.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import {
  ProgramAllocator,
  type ProgramOutput,
  type RunProgram,
} from '../../src/ganeti/allocator/program-allocator.js';
import { BE_DEFAULTS } from '../../src/model/be-params.js';
import type { NicId } from '../../src/model/ids.js';
import { POLICY_DEFAULTS } from '../../src/model/ipolicy.js';
import { NIC_DEFAULTS } from '../../src/model/nic.js';
import type { AllocationAnswer, AllocationRequest } from '../../src/ports/allocator.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { TestCluster, type TestClusterOptions } from '../../src/testing/test-cluster.js';

const REQUEST: AllocationRequest = {
  name: 'new.example.com',
  diskTemplate: 'file',
  disks: [{ sizeMib: 1024, mode: 'rw' }],
  diskSpaceMib: 1024,
  nics: [{ id: 'card0' as NicId, mac: 'aa:00:00:00:00:01', params: NIC_DEFAULTS }],
  beParams: { ...BE_DEFAULTS, maxMemMib: 1024, minMemMib: 1024 },
  hypervisor: 'fake',
  os: 'debian',
  tags: ['web'],
  requiredNodes: 1,
};

const NODES: TestClusterOptions = { nodes: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] };

interface Asked {
  readonly nodes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly request: Readonly<Record<string, unknown>>;
}

/** A program that gives always the same answer, and what it was asked. */
function program(output: Partial<ProgramOutput>): { run: RunProgram; asked: Asked[] } {
  const asked: Asked[] = [];
  const run: RunProgram = async (_name, json) => {
    asked.push(JSON.parse(json) as Asked);
    return { exitCode: 0, stdout: '', stderr: '', ...output };
  };
  return { run, asked };
}

function chosen(...nodes: string[]): Partial<ProgramOutput> {
  return { stdout: JSON.stringify({ success: true, info: 'fits', result: nodes }) };
}

function allocate(
  cluster: TestCluster,
  run: RunProgram,
  request: Partial<AllocationRequest> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<AllocationAnswer> {
  const view = { config: cluster.config, rpc: cluster.nodes, signal, claimed: [] };
  return new ProgramAllocator('hail', run).allocate({ ...REQUEST, ...request }, view);
}

describe('what the program is asked', () => {
  test('should be made of what the nodes say now', async () => {
    const cluster = await TestCluster.open(NODES);
    Object.assign(cluster.nodes.state(nodeIdOf('b')), { memoryFreeMib: 77, storageFreeMib: 88 });
    const { run, asked } = program(chosen('a'));
    await allocate(cluster, run, { onlyNodes: [nodeIdOf('c')], groupName: 'default' });
    expect(asked[0]?.nodes['b']).toMatchObject({ free_memory: 77, free_disk: 88 });
    expect(asked[0]?.request).toMatchObject({
      type: 'allocate',
      'restrict-to-nodes': ['c'],
      group_name: 'default',
      disk_space_total: 1024,
    });
  });

  test('should have no space for templates whose space nobody knows', async () => {
    const cluster = await TestCluster.open({ ...NODES, cluster: { volumeGroup: 'xenvg' } });
    const { run, asked } = program(chosen('a'));
    for (const diskTemplate of ['sharedfile', 'diskless', 'plain', 'drbd'] as const) {
      await allocate(cluster, run, { diskTemplate });
    }
    const free = asked.map(({ nodes }) => nodes['a']?.['free_disk']);
    expect(free).toEqual([0, 0, 512 * 1024, 512 * 1024]);
  });

  test('should count memory that ballooned instances have not got back yet', async () => {
    const primaryNode = nodeIdOf('a');
    const up = { primaryNode, adminState: 'up' as const };
    const instances = [
      { ...up, name: 'fixed', beParams: { maxMemMib: 512, minMemMib: 512 } },
      { ...up, name: 'small', beParams: { maxMemMib: 1024, minMemMib: 256 } },
      { ...up, name: 'stopped', beParams: { maxMemMib: 64, minMemMib: 64 } },
    ];
    const cluster = await TestCluster.open({ ...NODES, instances });
    const { running, memoryFreeMib } = cluster.nodes.state(primaryNode);
    const status = { running: true, vcpus: 1 };
    running.set('fixed', { ...status, memoryMib: 512 });
    running.set('small', { ...status, memoryMib: 300 });
    const { run, asked } = program(chosen('a'));
    await allocate(cluster, run);
    expect(asked[0]?.nodes['a']?.['free_memory']).toBe(memoryFreeMib - (1024 - 300) - 64);
  });

  test('should not be asked at all when a node does not answer', async () => {
    const cluster = await TestCluster.open(NODES);
    cluster.nodes.faults.add({ method: 'nodeInfo', node: 'b' });
    const { run, asked } = program(chosen('a'));
    await expect(allocate(cluster, run)).rejects.toMatchObject({
      code: 'environment_error',
      message: expect.stringContaining('Node b') as string,
    });
    expect(asked).toEqual([]);
  });

  test('should leave nodes alone that are offline', async () => {
    const cluster = await TestCluster.open({
      nodes: [{ name: 'a' }, { name: 'b', offline: true }],
    });
    cluster.nodes.faults.add({ method: 'nodeInfo', node: 'b' });
    const { run } = program(chosen('a'));
    expect(await allocate(cluster, run)).toMatchObject({ found: true });
  });
});

describe('the answer', () => {
  test('should be nodes, or the reason why there are none', async () => {
    const cluster = await TestCluster.open(NODES);
    const two = await allocate(cluster, program(chosen('c', 'a')).run, { requiredNodes: 2 });
    expect(two).toEqual({ found: true, nodes: ['node-c', 'node-a'], info: 'fits' });
    const full = { stdout: '{"success":false,"info":"FailMem: 3","result":[]}' };
    expect(await allocate(cluster, program(full).run)).toEqual({
      found: false,
      info: 'FailMem: 3',
    });
  });

  test.each([
    [
      { exitCode: 2, stderr: 'line one\n\u001b[31mwhy\n' },
      /exit code 2: line one \[31mwhy/,
      'environment_error',
    ],
    [{ exitCode: 1 }, /no reason given/, 'environment_error'],
    [{ stdout: 'oops' }, /not JSON/, 'environment_error'],
    [chosen('nowhere'), /'nowhere', which is no node/, 'unknown_entity'],
  ])('should be a typed error when the output is %j', async (output, message, code) => {
    const cluster = await TestCluster.open(NODES);
    await expect(allocate(cluster, program(output).run)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  test('should be a typed error when the program cannot be run', async () => {
    const cluster = await TestCluster.open(NODES);
    const run: RunProgram = () => Promise.reject(new Error('no such file'));
    await expect(allocate(cluster, run)).rejects.toMatchObject({
      name: 'PrereqError',
      code: 'environment_error',
      message: expect.stringContaining('no such file') as string,
    });
  });

  test('should be the reason of an abort, before and during the run', async () => {
    const cluster = await TestCluster.open(NODES);
    const reason = new Error('enough');
    const { run } = program(chosen('a'));
    await expect(allocate(cluster, run, {}, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const hangs: RunProgram = (_name, _json, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
        controller.abort(reason);
      });
    await expect(allocate(cluster, hangs, {}, controller.signal)).rejects.toBe(reason);
  });
});

test.each(['', '../hail', 'a b', 'a/b', '.'])('should refuse the name "%s"', (name) => {
  const { run } = program({});
  expect(() => new ProgramAllocator(name, run)).toThrow(/no name of an allocator/);
});

const HAIL = ['/usr/lib/ganeti/iallocators/hail', '/usr/local/lib/ganeti/iallocators/hail'].find(
  (path) => existsSync(path),
);
const NO_HAIL = 'hail is not installed (Debian: ganeti-htools)';

/** Runs the real program, with the request on its standard input. */
const runHail: RunProgram = async (_name, json, signal) => {
  const child = spawn(HAIL ?? '', ['-'], { signal });
  const exit = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? -1));
  });
  child.stdin.end(json);
  const [exitCode, stdout, stderr] = await Promise.all([
    exit,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { exitCode, stdout, stderr };
};

/** Three nodes; `b` has most memory free, `c` has an instance with a mirrored disk's template. */
function bigCluster(): Promise<TestCluster> {
  return TestCluster.open({
    ...NODES,
    cluster: {
      volumeGroup: 'xenvg',
      enabledDiskTemplates: ['file', 'drbd', 'diskless'],
      policy: POLICY_DEFAULTS,
    },
    instances: [
      { name: 'old.example.com', primaryNode: nodeIdOf('c'), adminState: 'up', disksMib: [2048] },
      { name: 'off.example.com', primaryNode: nodeIdOf('a') },
    ],
  });
}

describe('the real hail', () => {
  test('should understand our request and choose the emptiest node', async ({ skip }) => {
    if (HAIL === undefined) skip(NO_HAIL);
    const cluster = await bigCluster();
    Object.assign(cluster.nodes.state(nodeIdOf('b')), { memoryFreeMib: 60_000 });
    const answer = await allocate(cluster, runHail);
    expect(answer).toMatchObject({ found: true, nodes: ['node-b'] });
  });

  test('should choose two nodes for mirrored disks', async ({ skip }) => {
    if (HAIL === undefined) skip(NO_HAIL);
    const cluster = await bigCluster();
    const answer = await allocate(cluster, runHail, { diskTemplate: 'drbd', requiredNodes: 2 });
    expect(answer.found && new Set(answer.nodes).size).toBe(2);
  });

  test('should keep to the nodes that it may choose from', async ({ skip }) => {
    if (HAIL === undefined) skip(NO_HAIL);
    const cluster = await bigCluster();
    for (const name of ['a', 'b', 'c']) {
      const answer = await allocate(cluster, runHail, { onlyNodes: [nodeIdOf(name)] });
      expect(answer).toMatchObject({ found: true, nodes: [`node-${name}`] });
    }
  });

  test('should say why when there is no place', async ({ skip }) => {
    if (HAIL === undefined) skip(NO_HAIL);
    const cluster = await bigCluster();
    const huge = { ...REQUEST.beParams, maxMemMib: 1_000_000 };
    const { os: _, ...withoutOs } = REQUEST;
    const view = {
      config: cluster.config,
      rpc: cluster.nodes,
      signal: new AbortController().signal,
      claimed: [],
    };
    const hail = new ProgramAllocator('hail', runHail);
    expect(await hail.allocate({ ...withoutOs, beParams: huge }, view)).toMatchObject({
      found: false,
      info: expect.stringContaining('FailMem') as string,
    });
    expect(await allocate(cluster, runHail, { groupName: 'nosuch' })).toMatchObject({
      found: false,
    });
  });
});
