import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LuError } from '../../src/errors.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import { create, openCluster, placedRequest } from './support.js';

/** Mostly sound values, and some that are not, so that many requests get far. */
function mostly<T>(good: readonly T[], bad: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 60, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: fc.constantFrom(...bad) },
  );
}

const disk = fc.record(
  {
    size: mostly<number | string>([1, 64, '10m', '1g'], [0, -1, 'x', '9t']),
    mode: mostly<'rw' | 'ro'>(['rw', 'ro'], ['rw']),
    name: mostly(['none'], ['7', '', 'a']),
  },
  { requiredKeys: ['size'] },
);

const nic = fc.record(
  {
    mac: mostly(['auto', 'generate'], ['zz', '', 'aa:00:00:00:00:01']),
    ip: mostly(['none'], ['auto', '1.2', 'pool', '10.0.0.1', '2001:db8::1']),
    mode: mostly<'bridged' | 'routed' | 'openvswitch' | 'auto'>(
      ['bridged', 'openvswitch', 'auto'],
      ['routed'],
    ),
    link: mostly(['xen-br0', ''], ['br9']),
    vlan: mostly(['5', '.5:6'], ['x', '9999']),
    name: mostly(['none'], ['7', 'a']),
    network: mostly(['none'], ['lan']),
  },
  { requiredKeys: [] },
);

const changes: fc.Arbitrary<Partial<CreateOp>> = fc.record(
  {
    instanceName: mostly(['web1.example.com', 'web2'], ['taken', '', 'a b', '..', 'x/y']),
    mode: mostly<CreateOp['mode']>(['create'], ['import']),
    disks: fc.array(disk, { maxLength: 3 }),
    nics: fc.array(nic, { maxLength: 3 }),
    diskTemplate: mostly<'file' | 'sharedfile' | 'diskless' | 'plain'>(
      ['file', 'sharedfile', 'diskless'],
      ['plain'],
    ),
    fileStorageDir: mostly(['a', 'a/b'], ['/x', '..', '']),
    hypervisor: mostly<'fake' | 'kvm' | 'lxc'>(['fake', 'kvm'], ['lxc']),
    hvParams: mostly<object>([{}], [{ nope: 1 }]) as fc.Arbitrary<Record<string, never>>,
    beParams: mostly<object>(
      [{}, { memoryMib: '1g' }, { vcpus: 'auto' }],
      [{ minMemMib: 4096 }],
    ) as fc.Arbitrary<Record<string, never>>,
    osType: mostly(['debian', 'debian+x'], ['gentoo', '../x']),
    osParams: fc.constantFrom({}, { a: '1' }),
    osParamsSecret: mostly<object>([{}, { b: '2' }], [{ a: '3' }]) as fc.Arbitrary<
      Record<string, never>
    >,
    noInstall: fc.boolean(),
    start: fc.boolean(),
    conflictsCheck: fc.boolean(),
    ignoreIpolicy: fc.boolean(),
    identifyDefaults: fc.boolean(),
    tags: fc.array(mostly(['x', 'y:z'], ['a b']), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

/** An operator's choice or an allocator's, and sometimes both. */
const placement: fc.Arbitrary<Partial<CreateOp>> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ pnode: mostly(['node1', 'node2'], ['node9']) }) },
  {
    weight: 20,
    arbitrary: fc.record({
      iallocator: mostly(['.', 'most-free'], ['hail']),
      opportunisticLocking: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ pnode: 'node1', iallocator: '.' }) },
);

test('given any request, when it is run, then it succeeds, or is refused and leaves nothing', async () => {
  const outcomes = new Set<string>();
  await fc.assert(
    fc.asyncProperty(changes, placement, async (change, placed) => {
      const op: CreateOp = { ...placedRequest(), ...change, ...placed };
      const cluster = await openCluster({ instances: [{ name: 'taken' }] });
      const outcome: unknown = await create(cluster, op).catch((error: unknown) => error);
      const names = [...cluster.config.all('instance')].map(({ name }) => name);
      outcomes.add(Array.isArray(outcome) ? 'created' : 'refused');
      if (Array.isArray(outcome)) {
        expect(names).toHaveLength(2);
        return;
      }
      expect(LuError.is(outcome)).toBe(true);
      expect(outcome).toMatchObject({ kind: 'prereq' });
      expect(names).toEqual(['taken']);
      expect(await cluster.leftovers()).toEqual([]);
    }),
    { numRuns: 120 },
  );
  expect(outcomes).toEqual(new Set(['created', 'refused']));
});
