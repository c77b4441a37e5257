/** What becomes of received contents: invariants F1 and F2, from every state a crash can leave. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Secret } from '../../../src/index.js';
import type { Disk } from '../../../src/model/disk.js';
import type { InstanceId } from '../../../src/model/ids.js';
import type { Reply } from '../../../src/ports/reply.js';
import { HERE } from '../node/lab.js';
import { openDescriptors, scratchDirectory } from '../process/scratch.js';
import { openTransfers, type TransferLab } from './lab.js';

const NAME = 'web1.example.com';
const RECEIVED = `${NAME}.new`;
const OLD = `.${NAME}.old`;
const TEXT = '[export]\nversion = 0\n';

interface Lab extends TransferLab {
  /** Puts a directory there with a dump, and a description if one is given. */
  put(directory: string, dump: string, description?: string): void;
  finalize(changes?: object, signal?: AbortSignal): Promise<string>;
  remove(name: string): Promise<string>;
  /** The exports that are there, by what their dump says. */
  state(): Readonly<Record<string, string>>;
}

/** The lab's own export is out of the way. */
async function lab(): Promise<Lab> {
  const opened = await openTransfers();
  onTestFinished(() => opened.dispose());
  const { rpc, exportDir, runtime, disk, exported } = opened;
  await rm(exported.path, { recursive: true });
  const request = { runtime, disks: [disk], description: new Secret(TEXT) };
  return {
    ...opened,
    put: (directory, dump, description) => {
      mkdirSync(join(exportDir, directory));
      writeFileSync(join(exportDir, directory, disk.id), dump);
      if (description === undefined) return;
      writeFileSync(join(exportDir, directory, 'config.ini'), description);
    },
    finalize: async (changes = {}, signal) => {
      const call = signal === undefined ? {} : { signal };
      return wordsOf(await rpc.finalizeExport(HERE, { ...request, ...changes }, call));
    },
    remove: async (name) => wordsOf(await rpc.removeExport(HERE, { name })),
    state: () => {
      const names = readdirSync(exportDir);
      const dumps = names.map((name) => [name, textIn(join(exportDir, name), disk)] as const);
      return Object.fromEntries(dumps);
    },
  };
}

function textIn(directory: string, { id }: Disk): string {
  return readFileSync(join(directory, id), 'utf8');
}

function wordsOf(reply: Reply<unknown>): string {
  return reply.ok ? 'ok' : `${reply.failure}: ${reply.message}`;
}

test('should give what was received the name and a description, for its owner only', async () => {
  const opened = await lab();
  const { exportDir, rpc, disk } = opened;
  opened.put(RECEIVED, 'new');
  const listed = async (): Promise<unknown> => (await rpc.listExports([HERE], {})).get(HERE);
  expect(await listed()).toEqual({ ok: true, payload: [RECEIVED] });
  const before = await openDescriptors();
  expect(await opened.finalize()).toBe('ok');
  expect(await openDescriptors()).toBe(before);
  expect(await listed()).toEqual({ ok: true, payload: [NAME] });
  const path = join(exportDir, NAME);
  expect(readdirSync(path).sort()).toEqual([disk.id, 'config.ini'].sort());
  expect(statSync(join(path, 'config.ini')).mode & 0o777).toBe(0o600);
  expect(await rpc.exportInfo(HERE, { path })).toEqual({ ok: true, payload: TEXT });
  // Once more: there is nothing to be done, and nothing is lost.
  expect(await opened.finalize()).toMatch(/^failed: .*nothing was received in '.*\.new'/);
  expect(opened.state()).toEqual({ [NAME]: 'new' });
});

/** Whatever of the three directories is there. */
const STATES = Array.from({ length: 8 }, (_, bits) => ({
  whole: (bits & 1) !== 0,
  old: (bits & 2) !== 0,
  received: (bits & 4) !== 0,
}));

function putState(opened: Lab, { whole, old, received }: (typeof STATES)[number]): void {
  if (whole) opened.put(NAME, 'whole', TEXT);
  if (old) opened.put(OLD, 'old', TEXT);
  if (received) opened.put(RECEIVED, 'new');
}

test.each(STATES)(
  'given an export: $whole, one set aside: $old, one received: $received, when what was received is removed, then one export is whole',
  async (state) => {
    const opened = await lab();
    putState(opened, state);
    const left = state.whole ? { [NAME]: 'whole' } : state.old ? { [NAME]: 'old' } : {};
    for (let time = 0; time < 2; time += 1) {
      expect(await opened.remove(RECEIVED)).toBe('ok');
      expect(opened.state()).toEqual(left);
    }
    expect(await opened.remove(NAME)).toBe('ok');
    expect(opened.state()).toEqual({});
    expect(await opened.remove(NAME)).toBe('ok');
  },
);

test.each(STATES.filter(({ received }) => received))(
  'given an export: $whole, one set aside: $old, when an export is finished, then it alone is there',
  async (state) => {
    const opened = await lab();
    putState(opened, state);
    expect(await opened.finalize()).toBe('ok');
    expect(opened.state()).toEqual({ [NAME]: 'new' });
  },
);

test('given what cannot become an export, then it says why and the older one stays', async () => {
  const opened = await lab();
  const { exportDir, disk, runtime } = opened;
  opened.put(NAME, 'older', TEXT);
  opened.put(RECEIVED, 'new');
  const stays = { [NAME]: 'older', [RECEIVED]: 'new' };
  expect(await opened.finalize({ description: undefined })).toMatch(/writes no description/);
  const other = { ...disk, id: 'another-disk' };
  const missing = /cannot be finished: the contents 'another-disk' were not received/;
  expect(await opened.finalize({ disks: [disk, other] })).toMatch(missing);
  const strange = { ...disk, id: '../x' };
  expect(await opened.finalize({ disks: [strange] })).toMatch(/cannot be a dump's name/);
  await symlink('/etc/hostname', join(exportDir, RECEIVED, 'another-disk'));
  expect(await opened.finalize({ disks: [other] })).toMatch(/a symbolic link, and was not touched/);
  expect(await opened.finalize({}, AbortSignal.abort())).toMatch(/^aborted/);
  const instance = { ...runtime.instance, id: 'x' as InstanceId, name: '../web1' };
  const named = await opened.finalize({ runtime: { ...runtime, instance } });
  expect(named).toMatch(/cannot be an export's name/);
  expect(opened.state()).toEqual(stays);
});

test('given no directory at the place of an export, then it is not touched', async () => {
  const opened = await lab();
  const { exportDir } = opened;
  opened.put(RECEIVED, 'new');
  const elsewhere = await scratchDirectory();
  writeFileSync(join(elsewhere, 'victim'), 'precious');
  await symlink(elsewhere, join(exportDir, NAME));
  expect(await opened.finalize()).toMatch(/no directory, and was not touched; remove it/);
  expect(await opened.remove(NAME)).toMatch(/^not_authorised: .*is a symbolic link/);
  expect(lstatSync(join(exportDir, NAME)).isSymbolicLink()).toBe(true);
  expect(readdirSync(elsewhere)).toEqual(['victim']);
});

test('given links and directories in an export, then they go, and nothing where they lead', async () => {
  const opened = await lab();
  const elsewhere = await scratchDirectory();
  writeFileSync(join(elsewhere, 'victim'), 'precious');
  opened.put(NAME, 'whole', TEXT);
  const path = join(opened.exportDir, NAME);
  mkdirSync(join(path, 'deep/deeper'), { recursive: true });
  writeFileSync(join(path, 'deep/deeper/.hidden'), '');
  await symlink(elsewhere, join(path, 'link'));
  expect(await opened.remove(NAME)).toBe('ok');
  expect(readdirSync(opened.exportDir)).toEqual([]);
  expect(readdirSync(elsewhere)).toEqual(['victim']);
});

test.each(['', '.', '..', '../x', 'a/b', '.hidden', 'a\nb', 'x'.repeat(256)])(
  'given %j as the name of an export, then nothing is removed',
  async (name) => {
    const opened = await lab();
    opened.put(NAME, 'whole', TEXT);
    expect(await opened.remove(name)).toMatch(/cannot be an export's name/);
    expect(opened.state()).toEqual({ [NAME]: 'whole' });
  },
);
