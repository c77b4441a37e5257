import { expect, test } from 'vitest';
import { LuError } from '../../src/errors.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import { Secret } from '../../src/model/secret.js';
import { DESCRIPTION, inTime, openLab } from './import-support.js';
import { create, openCluster, request } from './support.js';

const NUL = 'a\0b';

const REQUESTS: readonly (readonly [string, Partial<CreateOp>])[] = [
  ['disks.0.name', { disks: [{ size: 64, name: NUL }] }],
  ['nics.0.name', { nics: [{ name: NUL }] }],
  ['hvParams.kernel_args', { hypervisor: 'kvm', hvParams: { kernel_args: NUL } }],
  ['osParams.fs.0', { osParams: { fs: [NUL] } }],
  ['osParams.a\\0b', { osParams: { [NUL]: 'x' } }],
  ['osParamsSecret.key', { osParamsSecret: { key: new Secret(NUL) } }],
];

test.each(REQUESTS)(
  'given a NUL in %s of a request, when it is run, then it is refused before any lock',
  async (path, changes) => {
    const cluster = await openCluster();
    const error: unknown = await create(cluster, request(changes)).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'PrereqError', code: 'wrong_input' });
    expect((error as Error).message).toBe(
      `The request: ${path} has a NUL character; leave that out`,
    );
    expect(cluster.transcript).toEqual([]);
  },
);

test('given a NUL in an export, when it is imported, then the import is refused', async () => {
  const [root, data] = DESCRIPTION.instance.disks;
  const disks = [{ ...root, name: NUL }, { ...data }];
  const description = { ...DESCRIPTION, instance: { ...DESCRIPTION.instance, disks } };
  const { cluster } = await openLab({ description });
  const { osType: _, ...others } = request({ mode: 'import', disks: [], nics: [] });
  const op = { ...others, hypervisor: 'kvm', srcNode: 'node2', srcPath: 'old' } as const;
  const error: unknown = await inTime(cluster, create(cluster, op)).catch((e: unknown) => e);
  expect(LuError.is(error) && error.message).toMatch(/The export in .*: disks\.0\.name has a NUL/);
  expect(await cluster.leftovers()).toEqual([]);
});
