/**
 * Imports on this machine, from the real description of an export that Ganeti made: through the
 * import script of an OS definition, and raw. The dumps are random bytes of the run's seed.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { AnyReport, CreateOp, RunOptions } from '../../src/index.js';
import type { Files } from '../local/os/definitions.js';
import { lineIn, lives } from '../local/process/scratch.js';
import { bytesOf } from '../local/transfers/random-bytes.js';
import { type Lab, openLab } from './lab.js';
import { quickClock } from './quick-clock.js';
import { NETWORK, networkWorld, putBridgeAndOs, refusalOf, whole } from './two-disks.js';

const MIB = 1024 * 1024;
const NAME = 'inst2.example.com';
const DESCRIPTION = new URL('../fixtures/ganeti/export-two-disks.ini', import.meta.url);
/** The names of the dumps in the description, and the sizes of the disks. */
const DUMPS = [
  { file: '0e1b3287-a3b3-4979-9683-b8f43099f583', mib: 32 },
  { file: '5bfcf4e4-a39d-43fc-af11-31a6baeb01c3', mib: 16 },
];
const CONTENTS = DUMPS.map(({ file, mib }) => bytesOf(file, mib * MIB));

interface Wish {
  /** Scripts of the OS definition. */
  readonly scripts?: Files | undefined;
  /** How much of each dump there is; all of it if not given. */
  readonly dumpBytes?: number | undefined;
  /** What is different about the description. */
  readonly description?: ((text: string) => string) | undefined;
}

/** A cluster with the export, and everything that the description needs. */
async function openImport(wish: Wish = {}): Promise<Lab> {
  const { scripts = {}, description = (text) => text, dumpBytes } = wish;
  return openLab({
    clock: quickClock(),
    world: networkWorld(),
    prepare: async (dir) => {
      const path = join(dir, 'exports', NAME);
      await mkdir(path, { recursive: true });
      await writeFile(join(path, 'config.ini'), description(await readFile(DESCRIPTION, 'utf8')));
      for (const [at, { file }] of DUMPS.entries()) {
        await writeFile(join(path, file), contentsOf(at, dumpBytes));
      }
      await putBridgeAndOs(dir, scripts);
    },
  });
}

/** Leaves to the export all that it can say. */
const IMPORT: CreateOp = {
  instanceName: NAME,
  mode: 'import',
  diskTemplate: 'file',
  disks: [],
  nics: [],
  pnode: 'node1',
  nameCheck: false,
  ipCheck: false,
};

/** The source node is named, or the export is looked for on all nodes. */
const WAYS = [
  { source: 'given', way: { srcNode: 'node1' } },
  { source: 'searched', way: { srcPath: NAME } },
] as const;

function run(
  lab: Lab,
  changes: Partial<CreateOp> = { srcNode: 'node1' },
  options: RunOptions = {},
): Promise<readonly string[]> {
  return lab.run({ ...IMPORT, ...changes }, options);
}

async function diskFiles(lab: Lab): Promise<readonly Buffer[]> {
  const directory = join(lab.disks, NAME);
  const names = (await readdir(directory)).sort((a, b) => (a.slice(-1) < b.slice(-1) ? -1 : 1));
  return Promise.all(names.map((name) => readFile(join(directory, name))));
}

/** What the dump of a disk holds, or the beginning of it. */
function contentsOf(at: number, count?: number): Buffer {
  return (CONTENTS[at] ?? Buffer.alloc(0)).subarray(0, count);
}

/** Disks hold what was dumped, by digest and byte for byte; what comes after it is zeros. */
async function expectContents(lab: Lab, dumpBytes?: number): Promise<void> {
  const found = await diskFiles(lab);
  expect(found.map(({ length }) => length)).toEqual(DUMPS.map(({ mib }) => mib * MIB));
  const sums = (all: readonly Buffer[]): readonly string[] =>
    all.map((bytes) => createHash('sha256').update(bytes).digest('hex'));
  const expected = found.map((_, at) => contentsOf(at, dumpBytes));
  const parts = found.map((bytes, at) => bytes.subarray(0, expected[at]?.length));
  expect(sums(parts)).toEqual(sums(expected));
  expect(parts.every((part, at) => part.equals(expected[at] ?? Buffer.alloc(0)))).toBe(true);
  const rests = found.map((bytes, at) => bytes.subarray(expected[at]?.length));
  expect(rests.every((rest) => rest.equals(Buffer.alloc(rest.length)))).toBe(true);
}

const WITHOUT_OS = (text: string): string => {
  const changed = text.replace('os = dumpos+v1', 'os = ').replace(/\[os\][\s\S]*$/, '');
  expect(changed).not.toContain('dumpos');
  return changed;
};

/** Nothing comes for the first disk. */
const SECOND_ONLY = (text: string): string => WITHOUT_OS(text).replace(/^disk0_dump.*$/m, '');

test.each([
  { ...WAYS[0], compress: 'none', dumpBytes: undefined },
  { ...WAYS[1], compress: 'gzip', dumpBytes: MIB },
])('should import through the OS, the source node being $source', async (row) => {
  const { way, compress, dumpBytes } = row;
  const scripts = {
    import:
      'dd of="$IMPORT_DEVICE" conv=nocreat,notrunc bs=64k 2>&1; ' +
      'echo "$IMPORT_INDEX $OSP_FS $OSP_ROOT_PW" >> ../../told',
    rename: 'echo "$OLD_INSTANCE_NAME" >> ../../told',
  };
  const lab = await openImport({ scripts, dumpBytes });
  expect(await run(lab, { ...way, compress })).toEqual(['node1']);
  await expectContents(lab, dumpBytes);
  expect(lab.cluster.config.findInstance(NAME)).toMatchObject({
    os: 'dumpos+v1',
    hypervisor: 'fake',
    adminState: 'up',
    tags: ['env:test', 'owner:alice'],
    nics: [
      { mac: 'aa:bb:cc:1c:a3:69', ip: '10.20.30.3', networkId: NETWORK.id, name: 'front' },
      { mac: 'aa:00:00:e5:32:8b', ip: '10.99.0.5', params: { mode: 'routed', link: '100' } },
    ],
  });
  const told = (await readFile(join(lab.dir, 'told'), 'utf8')).trim().split('\n').sort();
  expect(told).toEqual(['0 ext4 hunter2', '1 ext4 hunter2', NAME]);
});

test.each(WAYS)('should import raw without an OS, the source node being $source', async (row) => {
  const lab = await openImport({ description: WITHOUT_OS });
  expect(await run(lab, row.way)).toEqual(['node1']);
  await expectContents(lab);
  expect(lab.cluster.config.findInstance(NAME)?.os).toBeUndefined();
});

test('should show the progress of transfers while they work', async () => {
  const scripts = {
    import:
      'head -c 1000000 > "$IMPORT_DEVICE"; until [ -e ../../go ]; do sleep 0.01; done; cat >> /dev/null',
  };
  const lab = await openImport({ scripts, dumpBytes: 16 * MIB });
  const seen: AnyReport[] = [];
  const onReport = (event: AnyReport): void => {
    seen.push(event);
    if (isOfTransfer(event)) void writeFile(join(lab.dir, 'go'), '');
  };
  await run(lab, { srcNode: 'node1' }, { onReport });
  const messages = seen.flatMap((event) =>
    event.type === 'info' || isOfTransfer(event) ? [event.message] : [],
  );
  expect(messages).toContain('Disk 1: node1 waits for the data');
  expect(messages).toContain('Disk 1: node1 is sending data');
  expect(messages).toContain('Disk 1: node1 has finished receiving');
  const [progress] = seen.filter(isOfTransfer);
  expect(progress?.message).toMatch(/^Disk \d: \d+ MiB, [\d.]+ MiB\/s, \d+ %(, \d+ s to go)?$/);
  expect(progress?.fraction).toBeGreaterThan(0);
  expect(progress?.fraction).toBeLessThan(1);
});

type Progress = Extract<AnyReport, { type: 'progress' }>;

function isOfTransfer(event: AnyReport): event is Progress {
  return (
    event.type === 'progress' && event.message.startsWith('Disk ') && / MiB\/s/.test(event.message)
  );
}

test('given a caller who gives up in the middle of the stream, then nothing is left', async () => {
  const scripts = {
    import: 'head -c 1000000 > "$IMPORT_DEVICE"; echo $$ > ../../pid$IMPORT_INDEX; exec sleep 1000',
  };
  const lab = await openImport({ scripts, dumpBytes: 16 * MIB });
  const before = await whole(lab);
  const stop = new AbortController();
  const failed = refusalOf(run(lab, { srcNode: 'node1' }, { signal: stop.signal }));
  const pids = [await lineIn(join(lab.dir, 'pid0')), await lineIn(join(lab.dir, 'pid1'))];
  expect(pids.map(lives)).toEqual([true, true]);
  stop.abort(new Error('enough'));
  expect(await failed).toMatchObject({ name: 'Cancelled', leaked: [] });
  expect(pids.map(lives)).toEqual([false, false]);
  for (const at of [0, 1]) await unlink(join(lab.dir, `pid${at}`));
  expect(await whole(lab)).toEqual(before);
});

interface Trouble {
  readonly scripts?: Files;
  readonly description?: Wish['description'];
  readonly change?: Partial<CreateOp>;
  readonly prepare?: (path: string) => Promise<void>;
  readonly says: RegExp;
}

const SECOND = DUMPS[1]?.file ?? '';

const TROUBLES: Readonly<Record<string, Trouble>> = {
  'an import script that fails': {
    scripts: { import: 'cat > "$IMPORT_DEVICE"; echo "bad tape" >&2; exit "$IMPORT_INDEX"' },
    says: /Contents of inst2\.example\.com are missing or incomplete \(Disk 1: OS 'dumpos\+v1': script 'import' ended with exit code 1; its log is \S+\.log; it said at last:\nbad tape\)/,
  },
  'a dump that was cut short, through an OS that notices': {
    scripts: { import: 'gzip -dc > "$IMPORT_DEVICE"' },
    prepare: async (path) => {
      for (const [at, { file }] of DUMPS.entries()) {
        const dump = gzipSync(contentsOf(at, MIB));
        await writeFile(join(path, file), at === 0 ? dump : dump.subarray(0, 5000));
      }
    },
    says: /\(Disk 1: OS 'dumpos\+v1': script 'import' ended with exit code 1;[\s\S]*unexpected end of file\)/,
  },
  'a raw dump that was cut short': {
    description: SECOND_ONLY,
    prepare: (path) => truncate(join(path, SECOND), 16 * MIB - 1),
    says: /\(Disk 1: the contents end after 16777215 bytes, and have to be 16777216 bytes \(16 MiB\)\)/,
  },
  'a raw dump that exceeds its disk': {
    description: SECOND_ONLY,
    prepare: (path) => truncate(join(path, SECOND), 16 * MIB + 1),
    says: /\(Disk 1: the contents exceed the disk's 16 MiB; enlarge the disk\)/,
  },
  'a dump that is missing': {
    prepare: (path) => unlink(join(path, SECOND)),
    says: /\(Disk 1: it cannot be started: 'disk1' of instance 'inst2\.example\.com' cannot be sent: there is no file '\S+5bfcf4e4\S+'\)/,
  },
  'a dump that is a directory': {
    prepare: async (path) => {
      await unlink(join(path, SECOND));
      await mkdir(join(path, SECOND));
    },
    says: /\(Disk 1: it cannot be started: .*what is there is no regular file/,
  },
  'a compression that this machine has not': {
    change: { compress: 'lzop-of-nowhere' },
    says: /\(Disk 0: it cannot be started: .*program 'lzop-of-nowhere' is not in \S+, \S+, \S+; install/,
  },
};

test.each(Object.entries(TROUBLES))(
  'given %s, then it is told and nothing is left',
  async (_, trouble) => {
    const { prepare, says, change = {}, ...wish } = trouble;
    const lab = await openImport({ dumpBytes: MIB, ...wish });
    await prepare?.(join(lab.dir, 'exports', NAME));
    if (change.compress !== undefined) await allow(lab, change.compress);
    const before = await whole(lab);
    const error = await refusalOf(run(lab, { srcNode: 'node1', ...change }));
    expect(error).toMatchObject({ name: 'ExecError', leaked: [] });
    expect(error.message).toMatch(says);
    expect(await whole(lab)).toEqual(before);
  },
);

test('given an export that is not there, or whose description is damaged, then it is refused', async () => {
  const lab = await openImport({ dumpBytes: 1 });
  const path = join(lab.dir, 'exports', NAME);
  const missing = await refusalOf(run(lab, { srcNode: 'node1', srcPath: 'inst9' }));
  expect(missing.toJSON()).toMatchObject({ name: 'PrereqError', code: 'environment_error' });
  expect(missing.message).toContain(join(lab.dir, 'exports', 'inst9'));
  const elsewhere = await refusalOf(run(lab, { srcNode: 'node1', srcPath: '/etc' }));
  expect(elsewhere.message).toMatch(/has to lie below a directory of exports/);
  await writeFile(join(path, 'config.ini'), '[export]\nversion');
  expect((await refusalOf(run(lab))).toJSON()).toMatchObject({ code: 'environment_error' });
});

async function allow({ cluster: { config } }: Lab, tool: string): Promise<void> {
  await config.commit('allow a tool', (draft) =>
    draft.updateCluster((cluster) => void cluster.compressionTools.push(tool)),
  );
}
