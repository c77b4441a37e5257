/** Where contents go and where they come from: real files, disks and scripts. */
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { whereOf } from '../../../src/model/disk.js';
import { define, type Files } from '../os/definitions.js';
import { lineIn, lives, openDescriptors } from '../process/scratch.js';
import { openTransfers, type TransferLab } from './lab.js';

const MIB = 1024 * 1024;

async function lab(): Promise<TransferLab> {
  const opened = await openTransfers();
  onTestFinished(() => opened.dispose());
  return opened;
}

/** The instance has an OS with these scripts. */
async function labWithOs(scripts: Files): Promise<TransferLab> {
  const opened = await lab();
  await define(join(opened.dir, 'os'), 'own', { 'variants.list': null, ...scripts });
  opened.withOs('own');
  return opened;
}

/** Carries a file of the export into an end; how both sides ended. */
async function carry(
  { receive, send, status, ended, exported }: TransferLab,
  into: Parameters<TransferLab['receive']>[0],
): Promise<readonly [receiver: string | undefined, sender: string | undefined]> {
  const receiver = nameOf(await receive(into));
  const { port = 0 } = await status(receiver);
  const sender = nameOf(await send({ kind: 'file', path: exported.dump }, port));
  const ends = [await ended(receiver), await ended(sender)] as const;
  return [ends[0].error, ends[1].error];
}

function nameOf(reply: Awaited<ReturnType<TransferLab['receive']>>): string {
  if (reply.ok) return reply.payload;
  throw new Error(reply.message);
}

test('should hand contents to the import script, with the variables that Ganeti gives it', async () => {
  const script = 'env | sort > env; cat > "$IMPORT_DEVICE"; echo done >&2';
  const opened = await labWithOs({ import: script });
  const { disk, contents, dir } = opened;
  const [receiver] = await carry(opened, { kind: 'script', disk });
  expect(receiver).toBeUndefined();
  expect((await opened.read()).equals(contents)).toBe(true);
  const env = (await readFile(join(dir, 'os/own/env'), 'utf8')).trim().split('\n');
  const path = whereOf(disk.location);
  expect(env.filter((line) => /^(IMPORT|EXPORT|EXP)_/.test(line))).toEqual([
    `IMPORT_DEVICE=${path}`,
    `IMPORT_DISK_PATH=${path}`,
    'IMPORT_INDEX=0',
  ]);
  expect(env).toContain('OS_NAME=own');
  expect(env).toContain(`DISK_0_PATH=${path}`);
  const [log = ''] = (await readdir(join(dir, 'log'))).filter((name) => name.endsWith('.log'));
  expect(log).toMatch(/^import-own-web1\.example\.com-disk0-\d{4}-\d\d-\d\d_\d\d_\d\d_\d\d\.log$/);
  expect(await readFile(join(dir, 'log', log), 'utf8')).toBe('done\n');
});

test('should let a script open its input by name', async () => {
  const opened = await labWithOs({ import: 'dd if=/dev/stdin of="$IMPORT_DEVICE" bs=64k 2>&1' });
  expect(await carry(opened, { kind: 'script', disk: opened.disk })).toEqual([
    undefined,
    undefined,
  ]);
  expect((await opened.read()).equals(opened.contents)).toBe(true);
});

test('given an import script that fails, then its words and its log are in the state', async () => {
  const opened = await labWithOs({
    import: 'head -c 100000 > /dev/null; echo "no tape" >&2; exit 7',
  });
  const [receiver, sender] = await carry(opened, { kind: 'script', disk: opened.disk });
  expect(receiver).toMatch(
    /^OS 'own': script 'import' ended with exit code 7; its log is \S+\.log/,
  );
  expect(receiver).toMatch(/no tape$/);
  expect(sender).toMatch(/^the other side has broken off/);
});

test.each([
  ['nothing', 'exit 0'],
  ['a part', 'head -c 1000000 > /dev/null'],
  ['all but the last bytes', `head -c ${3 * MIB - 5} > /dev/null`],
])('given an import script that succeeds and has read %s, then it has failed', async (_, body) => {
  const opened = await labWithOs({ import: body });
  const [receiver] = await carry(opened, { kind: 'script', disk: opened.disk });
  expect(receiver).toBe('it ended without having read everything');
});

test('given a sender that breaks off, then the import script does not take a part for the whole', async () => {
  const opened = await labWithOs({
    import: `echo $$ > pid; cat > part; touch whole`,
    export: 'head -c 200000 /dev/zero; until [ -s pid ]; do sleep 0.01; done; exit 3',
  });
  const receiver = nameOf(await opened.receive({ kind: 'script', disk: opened.disk }));
  const { port = 0 } = await opened.status(receiver);
  const sender = nameOf(await opened.send({ kind: 'script', disk: opened.disk }, port));
  expect((await opened.ended(sender)).error).toMatch(/script 'export' ended with exit code 3/);
  expect((await opened.ended(receiver)).error).toMatch(/^the other side has broken off/);
  const pid = await lineIn(join(opened.dir, 'os/own/pid'));
  expect(lives(pid)).toBe(false);
  expect(await readdir(join(opened.dir, 'os/own'))).not.toContain('whole');
});

test('given a hanging import script, when it is cleaned up, then nothing is left of it', async () => {
  const before = await openDescriptors();
  const opened = await labWithOs({ import: 'echo $$ > pid; exec sleep 1000' });
  const receiver = nameOf(await opened.receive({ kind: 'script', disk: opened.disk }));
  const { port = 0 } = await opened.status(receiver);
  const sender = nameOf(await opened.send({ kind: 'file', path: opened.exported.dump }, port));
  const pid = await lineIn(join(opened.dir, 'os/own/pid'));
  await opened.rpc.cleanTransfer(opened.node, { daemon: receiver });
  expect(lives(pid)).toBe(false);
  expect((await opened.ended(sender)).error).toMatch(/^the other side has broken off/);
  await opened.rpc.cleanTransfer(opened.node, { daemon: sender });
  expect(await openDescriptors()).toBe(before);
  expect(await readdir(join(opened.dir, 'log/.running'))).toEqual([]);
});

test('should receive what an export script writes', async () => {
  const opened = await labWithOs({ export: 'echo said >&2; cat "$EXPORT_DEVICE"' });
  const { disk, contents, exportDir } = opened;
  await writeFile(whereOf(disk.location), contents);
  const path = join(exportDir, 'new/deep/dump0');
  const receiver = nameOf(await opened.receive({ kind: 'file', path }));
  const { port = 0 } = await opened.status(receiver);
  const sender = nameOf(await opened.send({ kind: 'script', disk }, port));
  expect([(await opened.ended(receiver)).error, (await opened.ended(sender)).error]).toEqual([
    undefined,
    undefined,
  ]);
  expect((await readFile(path)).equals(contents)).toBe(true);
});

test('should send a disk as it is', async () => {
  const opened = await lab();
  const { disk, contents, exportDir } = opened;
  await writeFile(whereOf(disk.location), contents);
  const path = join(exportDir, 'dump');
  const receiver = nameOf(await opened.receive({ kind: 'file', path }));
  const { port = 0 } = await opened.status(receiver);
  const sender = nameOf(await opened.send({ kind: 'disk', disk }, port));
  await opened.ended(receiver);
  expect(await opened.ended(sender)).toMatchObject({ exitStatus: 0, percent: 100, mib: 3 });
  expect((await readFile(path)).equals(contents)).toBe(true);
});

test('given a file that exists, then nothing is received over it', async () => {
  const opened = await lab();
  const path = join(opened.exportDir, 'taken');
  await writeFile(path, 'precious');
  const [receiver] = await carry(opened, { kind: 'file', path });
  expect(receiver).toMatch(/exists already, and was not touched/);
  expect(await readFile(path, 'utf8')).toBe('precious');
});

test('given a file that does not arrive as a whole, then it is gone, and its directories', async () => {
  const opened = await labWithOs({ export: 'head -c 200000 /dev/zero; exit 1' });
  const receiver = nameOf(
    await opened.receive({ kind: 'file', path: join(opened.exportDir, 'new/deep/dump0') }),
  );
  const { port = 0 } = await opened.status(receiver);
  await opened.send({ kind: 'script', disk: opened.disk }, port);
  expect((await opened.ended(receiver)).exitStatus).toBe(1);
  expect(await readdir(opened.exportDir)).toEqual([opened.exported.name]);
});

test('given contents that exceed the disk, then not a byte is written beyond its end', async () => {
  const opened = await lab();
  await writeFile(opened.exported.dump, Buffer.alloc(3 * MIB + 1, 1));
  const [receiver] = await carry(opened, { kind: 'disk', disk: opened.disk });
  expect(receiver).toBe("the contents exceed the disk's 3 MiB; enlarge the disk");
  expect((await opened.read()).length).toBe(3 * MIB);
});

test('given contents that are shorter than they have to be, then they are damaged', async () => {
  const opened = await lab();
  await writeFile(opened.exported.dump, Buffer.alloc(2 * MIB - 1, 1));
  const [enough] = await carry(opened, { kind: 'disk', disk: opened.disk });
  expect(enough).toBeUndefined();
  const [short, sender] = await carry(opened, { kind: 'disk', disk: opened.disk, leastMib: 2 });
  expect(short).toBe('the contents end after 2097151 bytes, and have to be 2097152 bytes (2 MiB)');
  // It has sent everything, and still learns that it was not enough.
  expect(sender).toMatch(/^the other side has broken off/);
});

const ELSEWHERE: readonly (readonly [what: string, path: (lab: TransferLab) => string])[] = [
  ['another directory', () => '/etc/passwd'],
  ['a way out', ({ exportDir }) => `${exportDir}/../log/x`],
  ['the directory itself', ({ exportDir }) => exportDir],
  ['a link', ({ exportDir }) => join(exportDir, 'link/passwd')],
  ['a file that is a link', ({ exportDir }) => join(exportDir, 'file')],
];

test.each(ELSEWHERE)('given %s as a file, then nothing is sent', async (_, path) => {
  const opened = await lab();
  await symlink('/etc', join(opened.exportDir, 'link'));
  await symlink('/etc/passwd', join(opened.exportDir, 'file'));
  const reply = await opened.send({ kind: 'file', path: path(opened) }, 1);
  expect(reply.ok ? '' : reply.message).toMatch(/^'disk0' of instance 'web1\.\S+ cannot be sent: /);
});

test.each(ELSEWHERE.slice(0, 4))(
  'given %s as a file, then nothing is received',
  async (_, path) => {
    const opened = await lab();
    await symlink('/etc', join(opened.exportDir, 'link'));
    const reply = await opened.receive({ kind: 'file', path: path(opened) });
    const error = reply.ok ? (await carryTo(opened, reply.payload))[0] : reply.message;
    expect(error).toMatch(/directory of exports|contains '\.\.'|symbolic link/);
  },
);

async function carryTo(opened: TransferLab, receiver: string) {
  const { port = 0 } = await opened.status(receiver);
  await opened.send({ kind: 'file', path: opened.exported.dump }, port);
  return [(await opened.ended(receiver)).error];
}

test('given a file that is missing, then it is named at once', async () => {
  const opened = await lab();
  const path = join(opened.exportDir, 'web0.example.com/dump1');
  expect(await opened.send({ kind: 'file', path }, 1)).toMatchObject({
    ok: false,
    failure: 'failed',
    message: `'disk0' of instance 'web1.example.com' cannot be sent: there is no file '${path}'`,
  });
});

test('given an OS that is not there, or no disk, then it is said at once', async () => {
  const opened = await lab();
  const missing = { ...opened.disk, location: { ...opened.disk.location, path: 'x' } } as const;
  opened.withOs('none');
  const noOs = await opened.receive({ kind: 'script', disk: opened.disk });
  expect(noOs.ok ? '' : noOs.message).toMatch(/OS 'none': there is no such definition below/);
  const noDisk = await opened.receive({ kind: 'disk', disk: missing });
  expect(noDisk.ok ? '' : noDisk.message).toMatch(/cannot be received: it is not absolute/);
});

test('should list directories with a description only', async () => {
  const opened = await lab();
  const { exportDir, rpc, node } = opened;
  await symlink(opened.exported.path, join(exportDir, 'link'));
  await writeFile(join(exportDir, 'file'), '');
  expect((await rpc.listExports([node], {})).get(node)).toEqual({
    ok: true,
    payload: ['web0.example.com'],
  });
});
