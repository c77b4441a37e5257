/**
 * Ganeti's own allocator, run on this machine: it answers recorded requests as it did, and chooses
 * nodes for creations on clusters of the test kit.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ProgramAllocator } from '../../../src/ganeti/allocator/program-allocator.js';
import { ALLOCATOR_DIRECTORIES, runLocally } from '../../../src/ganeti/allocator/run-locally.js';
import type { CreateOp } from '../../../src/instance-create/op.js';
import { POLICY_DEFAULTS } from '../../../src/model/ipolicy.js';
import { nodeIdOf } from '../../../src/testing/make.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import type { TestCluster } from '../../../src/testing/test-cluster.js';
import { create, openCluster, placedRequest } from '../../instance-create/support.js';
import { type Capture, readLines } from '../captures.js';

const IS_THERE = ALLOCATOR_DIRECTORIES.some((place) => existsSync(join(place, 'hail')));
const MISSING = 'hail is not installed (Debian: ganeti-htools)';

const CAPTURES = readLines<Capture>('allocator-captures.jsonl');

/** Time that stands still: hail is quick, and nothing else waits for it. */
const runHail = runLocally({ clock: new ManualClock() });

interface Answer {
  readonly success: boolean;
  readonly info: string;
  readonly result: readonly string[];
}

test.for(CAPTURES)('should answer as on a live cluster ($label)', async (capture, { skip }) => {
  if (!IS_THERE) skip(MISSING);
  const request = JSON.stringify(capture.input);
  const { exitCode, stdout } = await runHail('hail', request, new AbortController().signal);
  expect(exitCode).toBe(0);
  const [now, then] = [stdout, capture.stdout].map((text) => JSON.parse(text) as Answer);
  expect([now?.success, now?.result]).toEqual([then?.success, then?.result]);
  // Of its words, the reasons for a refusal were recorded.
  if (then?.success === false) expect(now?.info).toContain(then.info);
});

/** Three nodes of which the second has most memory free. */
async function openWithHail(): Promise<TestCluster> {
  const cluster = await openCluster({
    nodes: [{ name: 'node1' }, { name: 'node2' }, { name: 'node3' }],
    allocators: [new ProgramAllocator('hail', runHail)],
    cluster: {
      enabledDiskTemplates: ['file', 'drbd', 'diskless'],
      volumeGroup: 'xenvg',
      defaultAllocator: 'hail',
      policy: POLICY_DEFAULTS,
    },
  });
  Object.assign(cluster.nodes.state(nodeIdOf('node2')), { memoryFreeMib: 60_000 });
  return cluster;
}

const OP: Partial<CreateOp> = {
  disks: [{ size: 1024 }],
  beParams: { maxMemMib: 1024, minMemMib: 1024 },
};

describe('a creation that hail places', () => {
  test('should be where most is free, and fit there', async ({ skip }) => {
    if (!IS_THERE) skip(MISSING);
    const cluster = await openWithHail();
    expect(await create(cluster, placedRequest(OP))).toEqual(['node2']);
    expect(cluster.nodes.state(nodeIdOf('node2')).running.has('web1.example.com')).toBe(true);
  });

  test('should have two nodes for mirrors', async ({ skip }) => {
    if (!IS_THERE) skip(MISSING);
    const cluster = await openWithHail();
    const nodes = await create(cluster, placedRequest({ ...OP, diskTemplate: 'drbd' }));
    expect(new Set(nodes).size).toBe(2);
    expect(nodes).toContain('node2');
  });

  test('should fill the cluster until hail says that it is full', async ({ skip }) => {
    if (!IS_THERE) skip(MISSING);
    const cluster = await openWithHail();
    for (const name of ['node1', 'node2', 'node3']) {
      const state = cluster.nodes.state(nodeIdOf(name));
      Object.assign(state, { memoryTotalMib: 8192, memoryFreeMib: 4096 });
    }
    const large = { ...OP, beParams: { maxMemMib: 3072, minMemMib: 3072 } };
    const placed: string[] = [];
    let refusal: unknown;
    for (let at = 1; at <= 4 && refusal === undefined; at++) {
      const instanceName = `web${at}.example.com`;
      try {
        placed.push(...(await create(cluster, placedRequest({ ...large, instanceName }))));
        const state = cluster.nodes.state(nodeIdOf(placed.at(-1) ?? ''));
        state.memoryFreeMib -= 3072;
      } catch (error) {
        refusal = error;
      }
    }
    expect(placed.length).toBeGreaterThan(0);
    expect(new Set(placed).size).toBe(placed.length);
    expect(refusal).toMatchObject({
      name: 'PrereqError',
      code: 'insufficient_resources',
      message: expect.stringMatching(/hail found no place for web\d.*Fail(Mem|N1)/) as string,
    });
  });

  test("should be refused in hail's words when it is too large for all", async ({ skip }) => {
    if (!IS_THERE) skip(MISSING);
    const cluster = await openWithHail();
    const huge = { ...OP, beParams: { maxMemMib: 30_000, minMemMib: 30_000 } };
    for (const name of ['node1', 'node2', 'node3']) {
      cluster.nodes.state(nodeIdOf(name)).memoryFreeMib = 20_000;
    }
    const work = create(cluster, placedRequest(huge));
    await expect(work).rejects.toMatchObject({ code: 'insufficient_resources' });
    await expect(work).rejects.toThrow(/FailMem: 3/);
    expect(cluster.config.count('instance')).toBe(0);
    expect(await cluster.leftovers()).toEqual([]);
  });
});

test('a request that hail does not understand should be told in its words', async ({ skip }) => {
  if (!IS_THERE) skip(MISSING);
  const signal = new AbortController().signal;
  const { exitCode, stderr } = await runHail('hail', '{"request": {}}', signal);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/key/i);
});
