/** This machine as a node, with the fake hypervisor. */
import { chmod, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PrereqError } from '../../../src/errors.js';
import { FakeHypervisor } from '../../../src/local/hypervisors/fake-hypervisor.js';
import type { LocalHypervisor } from '../../../src/local/hypervisors/local-hypervisor.js';
import { LIMITS_MS } from '../../../src/local/one-node.js';
import { answered, failed, type Reply } from '../../../src/ports/reply.js';
import { nodeRpcContract } from '../../../src/testing/contracts/node-rpc.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { diskAt, runtimeOf } from '../hypervisors/runtime.js';
import { ELSEWHERE, HERE, type NodeLab, openNode } from './lab.js';

nodeRpcContract({ test, make: () => openNode() });

test('should make its directories for its owner only', async () => {
  await using lab = disposable(await openNode());

  const names = ['file-storage', 'log', 'run/fake'];
  const modes = await Promise.all(
    names.map(async (name) => (await stat(join(lab.dir, name))).mode),
  );

  expect(modes.map((mode) => mode & 0o777)).toEqual([0o700, 0o700, 0o700]);
});

test('given a file where a directory belongs, when prepared, then the error names it', async () => {
  await using lab = disposable(await openNode());
  const path = join(lab.dir, 'taken');
  await writeFile(path, '');

  const error: unknown = await openNode(() => [], { logDir: join(path, 'log') }).catch(
    (reason: unknown) => reason,
  );

  expect(error).toBeInstanceOf(PrereqError);
  expect(error).toMatchObject({ code: 'environment_error' });
  expect(String(error)).toContain(join(path, 'log'));
});

test('should count the memory of fake guests as used', async () => {
  const memory = (): Promise<{ totalMib: number; availableMib: number }> =>
    Promise.resolve({ totalMib: 1000, availableMib: 800 });
  const drivers = (runDir: string): readonly LocalHypervisor[] => [
    new FakeHypervisor({ runDir, memory }),
  ];
  await using lab = disposable(await openNode(drivers, { memory }));
  const wish = { hypervisor: 'fake' as const, memoryMib: 600, minMemMib: 200 };

  const start = (name: string): Promise<Reply<void>> =>
    lab.rpc.startInstance(HERE, { runtime: runtimeOf({ ...wish, name }), paused: false });
  expect(await start('one')).toEqual(answered(undefined));
  // 200 are left, which is what it needs at least.
  expect(await start('two')).toEqual(answered(undefined));
  const third = await start('three');

  expect(third.ok ? '' : third.message).toMatch(/'three' needs 200 MiB.*only 0 MiB/);
  const facts = (await lab.rpc.nodeInfo([HERE], { storage: [] })).get(HERE);
  expect(facts).toMatchObject({
    ok: true,
    payload: { memoryTotalMib: 1000, memoryNodeMib: 200, memoryFreeMib: 0 },
  });
});

test('should remember fake guests when the process is another one', async () => {
  await using lab = disposable(await openNode());
  const runDir = join(lab.dir, 'run', 'fake');
  const runtime = runtimeOf({ hypervisor: 'fake' });
  await lab.rpc.startInstance(HERE, { runtime, paused: false });
  await writeFile(join(runDir, '.web2.new'), 'a start that was killed');

  const heir = new FakeHypervisor({ runDir });

  expect(await heir.list()).toEqual(answered(['web1.example.com']));
  await heir.stop({ name: 'web1.example.com', hvParams: {}, graceMs: 0 });
  await heir.stop({ name: 'web2', hvParams: {}, graceMs: 0 });
  expect(await readdir(runDir)).toEqual([]);
});

test('should tell the space of its storage, in the order asked for', async () => {
  await using lab = disposable(await openNode());
  const key = join(lab.dir, 'file-storage');
  const storage = [{ kind: 'lvm-vg', key: 'xenvg' } as const, { kind: 'file', key } as const];

  const facts = (await lab.rpc.nodeInfo([HERE], { storage })).get(HERE);

  const [group, directory] = facts?.ok === true ? facts.payload.storage : [];
  expect(group).toEqual({ kind: 'lvm-vg', key: 'xenvg' });
  expect(directory?.totalMib).toBeGreaterThan(0);
  expect(directory?.freeMib).toBeLessThanOrEqual(directory?.totalMib ?? 0);
});

test('given a storage that is not there, when its space is asked for, then it is named', async () => {
  await using lab = disposable(await openNode());
  const key = join(lab.dir, 'absent');

  const reply = (await lab.rpc.nodeInfo([HERE], { storage: [{ kind: 'file', key }] })).get(HERE);

  expect(reply?.ok === false && reply.message).toContain(key);
});

test('should tell bridges from other devices, and from what is no device at all', async () => {
  await using lab = disposable(await openNode());
  const devicesDir = join(lab.dir, 'net');
  await mkdir(join(devicesDir, 'br0', 'bridge'), { recursive: true });
  await mkdir(join(devicesDir, 'eth0'));
  await using node = disposable(await openNode(undefined, { devicesDir }));
  const ask = (...bridges: string[]): Promise<Reply<void>> =>
    node.rpc.bridgesExist(HERE, { bridges });

  expect(await ask('br0', 'br0')).toEqual(answered(undefined));
  expect(await ask('br0', 'eth0', '../net/br0', '')).toEqual(
    failed(
      "node 'here.example.com' has no bridge 'eth0', '../net/br0', ''; make it or name another",
    ),
  );
});

test('given a hypervisor that the node has not, when asked, then the answer names both', async () => {
  await using lab = disposable(await openNode());
  const runtime = runtimeOf({ hypervisor: 'kvm' });
  const message = /here\.example\.com.*no hypervisor 'kvm'; it has fake/;

  const started = await lab.rpc.startInstance(HERE, { runtime, paused: false });
  const facts = await lab.rpc.nodeInfo([HERE], { storage: [], hypervisor: 'kvm' });
  const listed = await lab.rpc.runningInstances(HERE, { hypervisors: ['fake', 'kvm'] });

  for (const reply of [started, facts.get(HERE), listed]) {
    expect(reply?.ok === false ? reply.message : '').toMatch(message);
  }
});

const BAD_DISKS = {
  'outside of the storage directory': () => Promise.resolve('/etc/passwd'),
  'that climbs out of it': (root: string) => Promise.resolve(`${root}/../../etc/passwd`),
  'that is a link': async (root: string) => {
    await symlink('/etc/passwd', join(root, 'link'));
    return join(root, 'link');
  },
  'that is a directory': async (root: string) => {
    await mkdir(join(root, 'directory'));
    return join(root, 'directory');
  },
  'that is missing': (root: string) => Promise.resolve(join(root, 'missing')),
};

test.each(Object.entries(BAD_DISKS))(
  'given a disk %s, when started, then it is refused',
  async (_name, make) => {
    await using lab = disposable(await openNode());
    const path = await make(join(lab.dir, 'file-storage'));
    const runtime = runtimeOf({ hypervisor: 'fake', disks: [diskAt(path)] });

    const reply = await lab.rpc.startInstance(HERE, { runtime, paused: false });

    expect(reply).toMatchObject({ ok: false, failure: 'failed' });
    expect(reply.ok ? '' : reply.message).toContain(`disk 0 ('${path}')`);
    expect(await lab.rpc.runningInstances(HERE, { hypervisors: ['fake'] })).toEqual(answered([]));
  },
);

test.each(['../web1', '-drive', 'a b', '.hidden', '', `${'a'.repeat(254)}`])(
  'given the name %j, when started or stopped, then no file is touched',
  async (name) => {
    await using lab = disposable(await openNode());
    const runtime = runtimeOf({ hypervisor: 'fake', name });

    const started = await lab.rpc.startInstance(HERE, { runtime, paused: false });
    const about = { name, hypervisor: 'fake', hvParams: {}, graceMs: 0 } as const;

    expect(started.ok).toBe(false);
    expect((await lab.rpc.stopInstance(HERE, about)).ok).toBe(false);
    expect(await lab.rpc.instanceStatus(HERE, about)).toEqual(answered(undefined));
    expect(await readdir(join(lab.dir, 'run', 'fake'))).toEqual([]);
  },
);

test('should run the hooks of this machine only', async () => {
  await using lab = disposable(await openNode());
  const scripts = join(lab.dir, 'hooks', 'instance-add-pre.d');
  await mkdir(scripts, { recursive: true });
  await writeFile(join(scripts, '10say'), '#!/bin/sh\necho "$WORD"\n');
  await chmod(join(scripts, '10say'), 0o755);
  const request = { path: 'instance-add', phase: 'pre', env: { WORD: 'fine' } } as const;

  const replies = await lab.rpc.runHooks([HERE, ELSEWHERE], request);

  expect(replies.get(HERE)).toEqual(answered([{ script: '10say', status: 'ok', output: 'fine' }]));
  expect(replies.get(ELSEWHERE)).toMatchObject({ ok: false, failure: 'unreachable' });
});

test('given a driver that hangs, when its time is up, then the call ends and no timer is left', async () => {
  const clock = new ManualClock();
  await using lab = disposable(await openNode(() => [hangingDriver()], { clock }));
  const runtime = runtimeOf({ hypervisor: 'fake' });
  const about = { name: 'web1', hypervisor: 'fake', hvParams: {} } as const;

  const starting = lab.rpc.startInstance(HERE, { runtime, paused: false }, { timeoutMs: 1000 });
  await clock.advance(1000);
  expect(await starting).toMatchObject({ ok: false, failure: 'timeout' });

  const asking = lab.rpc.instanceStatus(HERE, about);
  await clock.advance(LIMITS_MS.lookUp);
  expect(await asking).toMatchObject({ ok: false, failure: 'timeout' });

  const stopping = lab.rpc.stopInstance(HERE, { ...about, graceMs: 5000 });
  await clock.advance(LIMITS_MS.work + 4999);
  expect(clock.timers).toBe(1);
  await clock.advance(1);
  expect(await stopping).toMatchObject({ ok: false, failure: 'timeout' });
  expect(clock.timers).toBe(0);
});

test('given a caller who gives up, then commands are stopped and questions are left', async () => {
  await using lab = disposable(await openNode(() => [hangingDriver()]));
  const runtime = runtimeOf({ hypervisor: 'fake' });
  const caller = new AbortController();

  const starting = lab.rpc.startInstance(HERE, { runtime, paused: false }, caller);
  const asking = lab.rpc.runningInstances(HERE, { hypervisors: ['fake'] }, caller);
  caller.abort();

  expect(await starting).toMatchObject({ ok: false, failure: 'aborted' });
  expect(await asking).toMatchObject({ ok: false, failure: 'aborted' });
});

/** Commands end when they are told to stop; questions are never answered. */
function hangingDriver(): LocalHypervisor {
  const untilStopped = (signal: AbortSignal): Promise<Reply<void>> =>
    new Promise((resolve) => {
      const stop = (): void => resolve(failed('stopped', 'aborted'));
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop);
    });
  const never = new Promise<never>(() => undefined);
  return {
    name: 'fake',
    prepare: () => Promise.resolve(),
    start: (_request, { signal }) => untilStopped(signal),
    stop: (_request, { signal }) => untilStopped(signal),
    status: () => never,
    list: () => never,
    validate: () => never,
    unseenMemoryMib: () => Promise.resolve(0),
  };
}

function disposable(lab: NodeLab): NodeLab & AsyncDisposable {
  return { ...lab, [Symbol.asyncDispose]: () => lab.dispose() };
}
