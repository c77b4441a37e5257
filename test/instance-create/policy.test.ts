/**
 * Instance policies: what fits, and what is told of what does not.
 */
import { expect, test } from 'vitest';
import {
  checkPolicy,
  type Measures,
  outOfRange,
  violationsOf,
} from '../../src/instance-create/prereq/policy.js';
import { BE_DEFAULTS } from '../../src/model/be-params.js';
import type { GroupId } from '../../src/model/ids.js';
import { type InstancePolicy, POLICY_DEFAULTS } from '../../src/model/ipolicy.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { openCluster } from './support.js';

const GOOD: Measures = {
  templates: ['file'],
  memoryMib: 128,
  vcpus: 1,
  spindleUse: 1,
  nicCount: 1,
  diskSizesMib: [1024],
};

test.each<[Partial<Measures>, number]>([
  [{}, 0],
  [{ memoryMib: 64 }, 1],
  [{ memoryMib: 32769, vcpus: 9, spindleUse: 13, nicCount: 9 }, 4],
  [{ diskSizesMib: [1024, 1, 2 ** 21] }, 2],
  [{ diskSizesMib: Array<number>(17).fill(1024) }, 1],
  // No disks: the number does not matter, but the template is diskless.
  [{ diskSizesMib: [] }, 0],
])('should find in %j %i violations', (changes, count) => {
  expect(violationsOf(POLICY_DEFAULTS, { ...GOOD, ...changes })).toHaveLength(count);
});

test('should let pass what was not measured', () => {
  expect(violationsOf(POLICY_DEFAULTS, { templates: ['file'], diskSizesMib: [1024] })).toEqual([]);
});

test('should measure against the range that fits best', () => {
  const [range] = POLICY_DEFAULTS.minmax;
  if (range === undefined) throw new Error('the default policy has no range');
  const { min, max } = range;
  const minmax = [
    { min, max: { ...max, cpuCount: 2, memorySizeMib: 256 } },
    { min: { ...min, cpuCount: 4 }, max },
  ];
  const policy: InstancePolicy = { ...POLICY_DEFAULTS, minmax };
  expect(violationsOf(policy, { ...GOOD, vcpus: 4, memoryMib: 512 })).toEqual([]);
  expect(violationsOf(policy, { ...GOOD, vcpus: 3, memoryMib: 512 })).toEqual([
    'number of processors is 3, allowed are 4 to 8',
  ]);
});

test('should name each template that is not admitted once, and diskless for no disks', () => {
  const policy: InstancePolicy = { ...POLICY_DEFAULTS, diskTemplates: ['plain'] };
  const many: Measures = {
    ...GOOD,
    templates: ['file', 'plain', 'rbd', 'file'],
    diskSizesMib: [1024, 1024, 1024, 1024],
  };
  expect(violationsOf(policy, many)).toEqual([
    'disk template file is not among plain',
    'disk template rbd is not among plain',
  ]);
  expect(violationsOf(policy, { ...GOOD, templates: [], diskSizesMib: [] })).toEqual([
    'disk template diskless is not among plain',
  ]);
});

test.each([
  [5, {}, {}, undefined],
  [undefined, { cpuCount: 9 }, {}, undefined],
  [5, { cpuCount: 5 }, { cpuCount: 5 }, undefined],
  [5, { cpuCount: 6 }, {}, 'count is 5, allowed are 6 to 5'],
  [5, {}, { cpuCount: 4 }, 'count is 5, allowed are 5 to 4'],
])('should measure %s between %j and %j', (value, min, max, wrong) => {
  expect(outOfRange(['count', 'cpuCount', value], { min, max })).toBe(wrong);
});

test("should hold an instance to its group's policy before the cluster's", async () => {
  const [range] = POLICY_DEFAULTS.minmax;
  if (range === undefined) throw new Error('the default policy has no range');
  const minmax = [{ ...range, max: { ...range.max, cpuCount: 2 } }];
  const cluster = await openCluster({
    cluster: { policy: POLICY_DEFAULTS },
    groups: [{ id: 'group-small' as GroupId, name: 'small', policy: { minmax } }],
    nodes: [{ name: 'node1' }, { name: 'node2', groupId: 'group-small' as GroupId }],
  });
  const instance = {
    template: 'file' as const,
    beParams: { ...BE_DEFAULTS, vcpus: 3 },
    nicCount: 1,
    disks: [{ sizeMib: 2048 }],
  };
  expect(() => checkPolicy(instance, nodeIdOf('node1'), cluster.config)).not.toThrow();
  expect(() => checkPolicy(instance, nodeIdOf('node2'), cluster.config)).toThrow(
    /group small forbids this: number of processors is 3, allowed are 1 to 2/,
  );
});

test('should let any size pass when a policy has no range', () => {
  const policy: InstancePolicy = { ...POLICY_DEFAULTS, minmax: [], diskTemplates: ['file'] };
  expect(violationsOf(policy, { ...GOOD, memoryMib: 1 })).toEqual([]);
  expect(violationsOf(policy, { ...GOOD, templates: ['ext'] })).toEqual([
    'disk template ext is not among file',
  ]);
});
