/** The node port's promises with a real guest, and the driver's answers about this machine. */
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { QemuHypervisor } from '../../../src/local/qemu/qemu-hypervisor.js';
import { systemClock } from '../../../src/local/system-clock.js';
import { answered } from '../../../src/ports/reply.js';
import { nodeRpcContract } from '../../../src/testing/contracts/node-rpc.js';
import { diskAt, runtimeOf } from '../hypervisors/runtime.js';
import { openNode } from '../node/lab.js';
import { bootSector } from './boot-sector.js';
import { call, NO_PARAMS, openLab, withQemu } from './real-qemu.js';

const NAME = 'web1.example.com';

nodeRpcContract({
  test: (name, body) => void withQemu(name, body),
  make: async () => {
    const lab = await openNode((runDir) => [
      new QemuHypervisor({
        runDir: join(runDir, 'kvm'),
        clock: systemClock(),
        accelerators: ['tcg'],
        network: 'none',
      }),
    ]);
    return {
      ...lab,
      makeBootable: (disk) => lab.write(disk, bootSector({ greeting: 'contract' })),
      dispose: async () => {
        const about = { name: NAME, hypervisor: 'kvm', hvParams: NO_PARAMS, graceMs: 0 } as const;
        await lab.rpc.stopInstance(lab.node, about);
        await lab.dispose();
      },
    };
  },
});

withQemu(
  'given parameters that name missing files, when validated, then they are named',
  async () => {
    await using lab = openLab();
    const { hvParams } = runtimeOf();

    expect(await lab.qemu.validate(hvParams)).toEqual(answered(undefined));
    const reply = await lab.qemu.validate({ ...hvParams, kernel_path: '/boot/no-such-kernel' });
    expect(reply.ok ? '' : reply.message).toMatch(/'kernel_path'.*'\/boot\/no-such-kernel'/);
  },
);

test('given no QEMU, when asked to run something, then the answer says what is missing', async () => {
  await using lab = openLab({ program: '/no/such/qemu' });
  const runtime = runtimeOf();

  const started = await lab.qemu.start({ runtime, paused: false }, call());
  const validated = await lab.qemu.validate(runtime.hvParams);

  for (const reply of [started, validated]) {
    expect(reply.ok ? '' : reply.message).toMatch(/no program '\/no\/such\/qemu'/);
  }
});

test('given a QEMU that ends at once, then what it said is in the answer and nothing is left', async () => {
  await using lab = openLab();
  const program = join(lab.dir, 'qemu');
  await writeFile(program, '#!/bin/sh\necho "no $0 today" >&2\nexit 3\n');
  await chmod(program, 0o755);
  await using broken = openLab({ program, runDir: lab.runDir });

  const reply = await broken.qemu.start({ runtime: runtimeOf(), paused: false }, call());

  expect(reply).toMatchObject({ ok: false, failure: 'failed' });
  expect(reply.ok ? '' : reply.message).toMatch(/exit code 3: no .*qemu today/);
  expect(await readdir(lab.runDir)).toEqual([]);
});

test('given a QEMU that never gets ready, when time is up, then it is killed', async () => {
  await using lab = openLab();
  const program = join(lab.dir, 'qemu');
  await writeFile(program, '#!/bin/sh\nexec sleep 1000\n');
  await chmod(program, 0o755);
  await using slow = openLab({ program, runDir: lab.runDir, startTimeoutMs: 60 });

  const reply = await slow.qemu.start({ runtime: runtimeOf(), paused: false }, call());

  expect(reply).toMatchObject({ ok: false, failure: 'timeout' });
  expect(await readdir(lab.runDir)).toEqual([]);
});

test('given a pid file with the number of somebody else, when stopped, then nobody is hurt', async () => {
  await using lab = openLab();
  await lab.qemu.prepare();
  const name = 'ghost.example.com';
  await mkdir(join(lab.runDir, name));
  await writeFile(join(lab.runDir, name, 'pid'), `${process.pid}\n`);

  expect(await lab.qemu.status(name, call())).toEqual(answered(undefined));
  const stopped = await lab.qemu.stop({ name, hvParams: NO_PARAMS, graceMs: 0 }, call());

  expect(stopped).toEqual(answered(undefined));
  expect(await readdir(lab.runDir)).toEqual([]);
});

test('given a run directory that is too deep for sockets, then it is refused by name', async () => {
  const runDir = `/tmp/${'deep/'.repeat(20)}`;
  await using lab = openLab({ runDir });

  const started = await lab.qemu.start({ runtime: runtimeOf(), paused: false }, call());

  expect(started.ok ? '' : started.message).toMatch(/run directory '\/tmp\/deep.*shorter/);
  await expect(lab.qemu.prepare()).rejects.toMatchObject({ code: 'environment_error' });
});

test('given an instance that needs more memory than there is, then it is refused', async () => {
  const memory = (): Promise<{ totalMib: number; availableMib: number }> =>
    Promise.resolve({ totalMib: 64, availableMib: 16 });
  await using lab = openLab({ memory, program: '/bin/true' });
  const runtime = runtimeOf({ disks: [diskAt(join(lab.dir, 'd'))] });

  const reply = await lab.qemu.start({ runtime, paused: false }, call());

  expect(reply.ok ? '' : reply.message).toMatch(/needs 32 MiB of memory.*16 MiB/);
});
