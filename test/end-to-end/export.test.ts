/**
 * Exports on this machine: what was exported is imported again, byte for byte; who breaks off, or
 * has no room, leaves nothing behind, and an older export as it was.
 */
import { writeFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseIni } from '../../src/ganeti/export/ini-syntax.js';
import type { AnyReport, CreateOp, ExportOp } from '../../src/index.js';
import { lineIn, lives } from '../local/process/scratch.js';
import { cannotMount, fileSystem } from '../local/storage/small-file-system.js';
import { type ExportLab, NAME, openExport } from './export-lab.js';
import { refusalOf, whole } from './two-disks.js';

const MIB = 1024 * 1024;
const REAL = new URL('../fixtures/ganeti/export-two-disks.ini', import.meta.url);

interface Way {
  readonly op?: Partial<ExportOp>;
  readonly instance?: Partial<CreateOp>;
  readonly withoutOs?: boolean;
}

const LONG: Partial<ExportOp> = { longSleep: true };

const WAYS: Readonly<Record<string, Way>> = {
  'a guest that runs': {},
  'a guest that may be down for long, compressed': { op: { ...LONG, compress: 'gzip' } },
  'a stopped instance': { instance: { start: false } },
  'an instance without OS': { withoutOs: true },
};

test.each(Object.entries(WAYS))(
  'given %s, when it is exported, removed and imported, then its disks and settings are the same',
  async (_, { op, ...options }) => {
    const lab = await openExport(options);
    const [sums, known] = [await lab.sums(), lab.known()];
    const result = await lab.export(op);
    expect(result).toMatchObject({ node: 'node1', path: join(lab.exports, NAME) });
    expect((await readdir(result.path)).sort()).toEqual(['config.ini', ...result.dumps].sort());
    expect(await readdir(lab.exports)).toEqual([NAME]);
    await lab.remove();
    expect(await readdir(lab.disks)).toEqual([]);

    await lab.import();

    expect(await lab.sums()).toEqual(sums);
    expect(lab.known()).toEqual(known);
  },
);

test("should describe the instance under Ganeti's own keys, in their order", async () => {
  const lab = await openExport();
  const { path } = await lab.export();
  const keys = (text: string): readonly string[] =>
    [...parseIni(text)].flatMap(([section, rows]) => [...rows.keys()].map((key) => section + key));

  const text = await readFile(join(path, 'config.ini'), 'utf8');

  const real = await readFile(REAL, 'utf8');
  expect(keys(text)).toEqual(keys(real));
  expect(text).toContain('disk_template = file\nhypervisor = fake\ntags = env:test owner:alice\n');
});

test('given a guest that runs, then it is down while its disks are copied, and no longer', async () => {
  const lab = await openExport();
  const states: Promise<string>[] = [];
  const onReport = (event: AnyReport): void => {
    if (event.type !== 'step') return;
    const at = event.message.split(' ')[0];
    states.push(lab.runs().then((runs) => `${at}: ${runs ? 'runs' : 'down'}`));
  };
  await lab.export({}, { onReport });
  expect(await Promise.all(states)).toEqual([
    'Stopping: runs',
    'Copying: down',
    'Copying: down',
    'Starting: down',
    'Exporting: runs',
    'Finishing: runs',
    'Removing: runs',
  ]);
  expect(await lab.runs()).toBe(true);
});

test('given a guest that shall run on, then it is refused, with what to do', async () => {
  const lab = await openExport();
  const before = await whole(lab);
  const error = await refusalOf(lab.export({ shutdown: false }));
  expect(error.toJSON()).toMatchObject({ name: 'PrereqError', code: 'wrong_state' });
  expect(error.message).toBe(
    `Disks of '${NAME}' (file) cannot be copied while it runs; allow shutdown, or stop it first`,
  );
  expect(await whole(lab)).toEqual(before);
});

test('given an older export, then it is replaced as a whole', async () => {
  const lab = await openExport();
  await lab.export();
  const older = await lab.exported();
  await lab.fill('second');
  const sums = await lab.sums();

  const { dumps } = await lab.export();

  const newer = await lab.exported();
  expect(await readdir(lab.exports)).toEqual([NAME]);
  expect(dumps.map((dump) => newer[`${NAME}/${dump}`])).toEqual(sums);
  expect(Object.keys(newer)).toHaveLength(Object.keys(older).length);
  expect(Object.values(newer)).not.toEqual(Object.values(older));
});

/** Which events of one run somebody gives up at, one after the other. */
type Moments = () => (event: AnyReport) => boolean;

const atSteps: Moments =
  () =>
  ({ type }) =>
    type === 'step';

/** How often it is asked how far transfers have come depends on the machine: twice at the least. */
const always: Moments = () => {
  let polls = 0;
  return (event) => {
    if (event.type === 'info') return !event.message.endsWith('MiB/s');
    if (event.type !== 'call' || event.method !== 'transferStatus') return true;
    polls += 1;
    return polls <= 2;
  };
};

/** Exports, and gives up at the moment of that number; false if there were not so many. */
async function giveUpAt(
  lab: ExportLab,
  op: Partial<ExportOp>,
  at: number,
  moments: Moments,
): Promise<boolean> {
  const stop = new AbortController();
  const isOne = moments();
  let seen = 0;
  const onReport = (event: AnyReport): void => {
    if (!isOne(event)) return;
    seen += 1;
    if (seen === at) stop.abort();
  };
  const error = await lab.export(op, { signal: stop.signal, onReport }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error !== undefined) expect(error).toMatchObject({ leaked: [] });
  return seen >= at;
}

test.each<[string, Partial<ExportOp>, Moments]>([
  ['at any step, the guest being down', LONG, atSteps],
  ['at whatever moment', {}, always],
])(
  'given a caller who gives up %s, then the older export is whole or the new one, and nothing else is left',
  async (_, op, moments) => {
    const lab = await openExport();
    await lab.export(op);
    const older = await lab.exported();
    await lab.fill('second');
    const sums = await lab.sums();
    const before = await whole(lab);
    let replaced = 0;
    for (let at = 1; await giveUpAt(lab, op, at, moments); at += 1) {
      const now = await lab.exported();
      const isOlder = Object.keys(now).every((path) => older[path] === now[path]);
      if (isOlder) expect(now, `event ${at}`).toEqual(older);
      else expect(Object.values(now), `event ${at}`).toEqual(expect.arrayContaining([...sums]));
      replaced += isOlder ? 0 : 1;
      expect({ ...(await whole(lab)), files: [] }, `event ${at}`).toEqual({ ...before, files: [] });
      expect(await readdir(lab.exports)).toEqual([NAME]);
      expect(await readdir(join(lab.disks, NAME))).toHaveLength(2);
      expect(await lab.runs(), `event ${at}`).toBe(true);
    }
    expect(replaced).toBeGreaterThan(0);
  },
  120_000,
);

test('given a caller who gives up while an export script works, then that is dead and nothing is left', async () => {
  const lab = await openExport({
    scripts: {
      export: 'echo $$ > ../../pid$EXPORT_INDEX; head -c 100000 "$EXPORT_DEVICE"; exec sleep 1000',
    },
  });
  const before = await whole(lab);
  const stop = new AbortController();
  const failed = refusalOf(lab.export({}, { signal: stop.signal }));
  const pids = [await lineIn(join(lab.dir, 'pid0')), await lineIn(join(lab.dir, 'pid1'))];
  expect(pids.map(lives)).toEqual([true, true]);
  stop.abort(new Error('enough'));
  expect(await failed).toMatchObject({ name: 'Cancelled', leaked: [] });
  expect(pids.map(lives)).toEqual([false, false]);
  for (const at of [0, 1]) await rm(join(lab.dir, `pid${at}`));
  expect(await whole(lab)).toEqual(before);
});

test('given an export script that fails, then it is told and the older export stays', async () => {
  const marker = '[ -e ../../bad ] && [ "$EXPORT_INDEX" = 1 ] && { echo "no tape" >&2; exit 3; }';
  const lab = await openExport({ scripts: { export: `${marker}; cat "$EXPORT_DEVICE"` } });
  await lab.export();
  writeFileSync(join(lab.dir, 'bad'), '');
  const before = [await whole(lab), await lab.exported()];
  const error = await refusalOf(lab.export());
  expect(error).toMatchObject({ name: 'ExecError', leaked: [] });
  expect(error.message).toMatch(
    /was not exported \(Disk 1: OS 'dumpos\+v1': script 'export' ended with exit code 3;[\s\S]*no tape/,
  );
  expect([await whole(lab), await lab.exported()]).toEqual(before);
});

describe.skipIf(cannotMount !== undefined)('given too little room', () => {
  test.each([
    [
      'its contents',
      '20m',
      /was not exported \(Disk \d: no space is left on the file system; free some/,
    ],
    // An export has 12 MiB and one page.
    [
      'its description',
      '24580k',
      /^Cannot finish the export .*no space is left on the file system/,
    ],
  ])(
    'for %s, then that is said, the older export stays and nothing else',
    async (_, size, says) => {
      const exportDir = await fileSystem('tmpfs', `size=${size}`);
      const lab = await openExport({ exportDir });
      await lab.export();
      const before = [await whole(lab), await lab.exported()];
      const error = await refusalOf(lab.export());
      expect(error).toMatchObject({ name: 'ExecError', leaked: [] });
      expect(error.message).toMatch(says);
      expect([await whole(lab), await lab.exported()]).toEqual(before);
      expect(await lab.runs()).toBe(true);
    },
  );

  test('for copies, then it says so before one is made, and the guest runs again', async () => {
    const storageRoot = await fileSystem('tmpfs', 'size=20m');
    const lab = await openExport({ storageRoot });
    writeFileSync(join(storageRoot, 'filler'), Buffer.alloc(2 * MIB));
    const before = await whole(lab);
    const error = await refusalOf(lab.export());
    expect(error).toMatchObject({ name: 'ExecError', leaked: [] });
    expect(error.message).toMatch(
      /^Cannot copy disk 0 on node1: .*a copy needs 8 MiB, and \d MiB are free there; free some space; allow shutdown and longSleep to do without copies$/,
    );
    expect(await whole(lab)).toEqual(before);
    expect(await lab.runs()).toBe(true);
    await lab.export(LONG);
    expect(await readdir(lab.exports)).toEqual([NAME]);
  });
});
