/** The driver with a real QEMU and a guest of 512 bytes. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { QmpConnection } from '../../../src/local/qemu/qmp.js';
import { systemClock } from '../../../src/local/system-clock.js';
import type { Clock } from '../../../src/ports/clock.js';
import { answered } from '../../../src/ports/reply.js';
import { diskAt, nicWith, runtimeOf } from '../hypervisors/runtime.js';
import { call, contains, NO_PARAMS, openLab, withQemu } from './real-qemu.js';

const NAME = 'web1.example.com';
const LATER = { name: NAME, hvParams: NO_PARAMS, graceMs: 600_000 };

withQemu('given a disk, when started, then it boots and greets on the serial port', async () => {
  await using lab = openLab();
  const runtime = await lab.guest({ greeting: 'Hello from the guest\r\n' });

  const started = await lab.qemu.start({ runtime, paused: false }, call());
  await contains(lab.qemu.serialLog(NAME), 'Hello from the guest');

  expect(started).toEqual(answered(undefined));
  expect(await lab.qemu.list()).toEqual(answered([NAME]));
  expect(await lab.qemu.status(NAME, call())).toEqual(
    answered({ running: true, memoryMib: 32, vcpus: 1 }),
  );
  expect(await lab.qemu.unseenMemoryMib()).toBeLessThanOrEqual(32);
});

withQemu('given a guest that runs, when started again, then nothing happens', async () => {
  await using lab = openLab();
  const runtime = await lab.guest();
  await lab.qemu.start({ runtime, paused: false }, call());
  const pid = await pidOf(lab.runDir);

  const again = await Promise.all([
    lab.qemu.start({ runtime, paused: false }, call()),
    lab.qemu.start({ runtime, paused: true }, call()),
  ]);

  expect(again).toEqual([answered(undefined), answered(undefined)]);
  expect(await pidOf(lab.runDir)).toBe(pid);
});

withQemu('given a guest that listens, when stopped, then it shuts itself down', async () => {
  await using lab = openLab();
  const runtime = await lab.guest();
  await lab.qemu.start({ runtime, paused: false }, call());
  await contains(lab.qemu.serialLog(NAME), `I am ${NAME}`);
  const plugs: string[] = [];

  const stopped = await lab.qemu.stop(LATER, {
    ...call(),
    onProgress: ({ message = '' }) => plugs.push(message),
  });

  expect(stopped).toEqual(answered(undefined));
  expect(plugs).toEqual([]);
  expect(await lab.qemu.status(NAME, call())).toEqual(answered(undefined));
  expect(await readdir(lab.runDir)).toEqual([]);
  expect(await lab.qemu.stop(LATER, call())).toEqual(answered(undefined));
});

withQemu(
  'given a guest that does not listen, when its grace is over, then the plug is pulled',
  async () => {
    await using lab = openLab({ clock: hurried(LATER.graceMs) });
    const runtime = await lab.guest({ stubborn: true });
    await lab.qemu.start({ runtime, paused: false }, call());
    await contains(lab.qemu.serialLog(NAME), `I am ${NAME}`);
    const plugs: string[] = [];

    const stopped = await lab.qemu.stop(LATER, {
      ...call(),
      onProgress: ({ message = '' }) => plugs.push(message),
    });

    expect(stopped).toEqual(answered(undefined));
    expect(plugs).toEqual([`pulling the plug of '${NAME}'`]);
    expect(await readdir(lab.runDir)).toEqual([]);
  },
);

withQemu(
  'given a QEMU that was killed, when asked, then it is down, and starts again',
  async () => {
    await using lab = openLab();
    const runtime = await lab.guest();
    await lab.qemu.start({ runtime, paused: false }, call());
    const pid = await pidOf(lab.runDir);
    process.kill(pid, 'SIGKILL');
    await gone(pid);

    expect(await lab.qemu.status(NAME, call())).toEqual(answered(undefined));
    expect(await lab.qemu.list()).toEqual(answered([]));
    expect(await lab.qemu.start({ runtime, paused: false }, call())).toEqual(answered(undefined));
    await contains(lab.qemu.serialLog(NAME), `I am ${NAME}`);
    expect(await pidOf(lab.runDir)).not.toBe(pid);
  },
);

withQemu('given a frozen QEMU, when stopped, then its process is killed', async () => {
  await using lab = openLab({ clock: hurried(LATER.graceMs, 5_000) });
  const runtime = await lab.guest();
  await lab.qemu.start({ runtime, paused: false }, call());
  const pid = await pidOf(lab.runDir);
  process.kill(pid, 'SIGSTOP');

  const stopped = await lab.qemu.stop(LATER, call());

  // The last wait is cut short as well, so either it was seen to go or it goes right after.
  expect(stopped.ok || /survives SIGKILL/.test(stopped.message)).toBe(true);
  await gone(pid);
  expect(await lab.qemu.stop(LATER, call())).toEqual(answered(undefined));
});

withQemu(
  'given a start that is paused, then the guest waits for its first instruction',
  async () => {
    await using lab = openLab();
    const runtime = await lab.guest();

    await lab.qemu.start({ runtime, paused: true }, call());

    const path = join(lab.runDir, await socketOf(lab.runDir));
    const qmp = await QmpConnection.open({ path, clock: systemClock() });
    expect(await qmp.execute('query-status')).toMatchObject({ running: false });
    await qmp.execute('cont');
    await qmp.close();
    await contains(lab.qemu.serialLog(NAME), `I am ${NAME}`);
  },
);

withQemu('given a start that was cut off, when started again, then the guest goes on', async () => {
  await using lab = openLab();
  const runtime = await lab.guest();
  // A guest before its first instruction is just what a killed process leaves.
  await lab.qemu.start({ runtime, paused: true }, call());

  const again = await lab.qemu.start({ runtime, paused: false }, call());

  expect(again).toEqual(answered(undefined));
  await contains(lab.qemu.serialLog(NAME), `I am ${NAME}`);
});

withQemu(
  'given a disk that is not there, when started, then it fails and nothing is left',
  async () => {
    await using lab = openLab();
    const missing = join(lab.dir, 'no such, disk.img');
    const runtime = runtimeOf({ disks: [diskAt(missing)] });

    const reply = await lab.qemu.start({ runtime, paused: false }, call());

    expect(reply).toMatchObject({ ok: false, failure: 'failed' });
    expect(reply.ok ? '' : reply.message).toMatch(/web1\.example\.com.*exit code 1/s);
    expect(reply.ok ? '' : reply.message).toContain(missing);
    expect(await readdir(lab.runDir)).toEqual([]);
    expect(await lab.qemu.list()).toEqual(answered([]));
  },
);

withQemu('given a call that is cancelled, when starting, then no process is left', async () => {
  await using lab = openLab();
  const runtime = await lab.guest();
  const caller = new AbortController();

  const starting = lab.qemu.start({ runtime, paused: false }, call(caller.signal));
  // By the time its log exists, QEMU is being started.
  await expect
    .poll(() => existsSync(join(lab.runDir, NAME, 'qemu.log')), { interval: 1 })
    .toBe(true);
  caller.abort();

  expect(await starting).toMatchObject({ ok: false, failure: 'aborted' });
  expect(await readdir(lab.runDir)).toEqual([]);
  expect(await lab.qemu.list()).toEqual(answered([]));
});

withQemu('given two guests, when one is stopped, then the other one goes on', async () => {
  await using lab = openLab();
  const [one, two] = [await lab.guest({ name: 'one' }), await lab.guest({ name: 'two' })];
  await Promise.all(
    [one, two].map((runtime) => lab.qemu.start({ runtime, paused: false }, call())),
  );
  expect(await lab.qemu.list()).toEqual(answered(['one', 'two']));

  await lab.qemu.stop({ name: 'one', hvParams: NO_PARAMS, graceMs: 0 }, call());

  expect(await lab.qemu.list()).toEqual(answered(['two']));
});

withQemu('given cards without a network, when started, then the caller is told', async () => {
  await using lab = openLab();
  const guest = await lab.guest();
  const runtime = { ...guest, nics: [nicWith(), nicWith({ mode: 'routed', link: '100' }, 1)] };
  const said: string[] = [];

  const reply = await lab.qemu.start(
    { runtime, paused: false },
    { ...call(), onInfo: (message) => void said.push(message) },
  );

  expect(reply).toEqual(answered(undefined));
  expect(said).toEqual([
    'network card 0 is connected to nothing',
    'network card 1 is connected to nothing',
  ]);
});

withQemu.each(['ide', 'scsi', 'paravirtual'])(
  'should boot from a disk of type %s',
  async (type) => {
    await using lab = openLab();
    const guest = await lab.guest();
    const hvParams = {
      ...guest.hvParams,
      disk_type: type,
      disk_cache: 'writethrough',
      scsi_controller_type: 'virtio-scsi-pci',
    };

    const reply = await lab.qemu.start({ runtime: { ...guest, hvParams }, paused: false }, call());

    expect(reply).toEqual(answered(undefined));
    await contains(lab.qemu.serialLog(NAME), `I am ${NAME}`);
  },
);

withQemu('given another driver on the same directory, then it takes over', async () => {
  await using lab = openLab();
  await using other = openLab({ runDir: lab.runDir });
  const runtime = await lab.guest();
  await lab.qemu.start({ runtime, paused: false }, call());

  expect(await other.qemu.list()).toEqual(answered([NAME]));
  expect(await other.qemu.stop({ ...LATER, graceMs: 0 }, call())).toEqual(answered(undefined));

  expect(await lab.qemu.list()).toEqual(answered([]));
});

/** A real clock on which waits of the given lengths are over at once. */
function hurried(...delaysMs: readonly number[]): Clock {
  const clock = systemClock();
  return {
    ...clock,
    timer: (delayMs, fire) => clock.timer(delaysMs.includes(delayMs) ? 0 : delayMs, fire),
  };
}

async function pidOf(runDir: string): Promise<number> {
  return Number(await readFile(join(runDir, NAME, 'pid'), 'latin1'));
}

async function socketOf(runDir: string): Promise<string> {
  const names = await readdir(runDir);
  return names.find((name) => name.endsWith('.qmp')) ?? 'no socket';
}

/** A process that waits to be collected has no command line. */
async function gone(pid: number): Promise<void> {
  const path = `/proc/${pid}/cmdline`;
  const text = (): Promise<string> => readFile(path, 'latin1').catch(() => '');
  await expect.poll(text, { interval: 5, timeout: 15_000 }).toBe('');
}
