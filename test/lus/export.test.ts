/**
 * Exports: what is done in which order, what is refused, and that a failure leaves nothing behind
 * and a guest that runs.
 */
import { describe, expect, test } from 'vitest';
import { decodeExport } from '../../src/ganeti/export/decode.js';
import { LUBackupExport } from '../../src/lus/backup-export.js';
import type { ExportOp } from '../../src/lus/export/types.js';
import { LUInstanceStop } from '../../src/lus/instance-stop.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { story } from '../instance-create/support.js';
import { EXPORT_DIR, type ExportLab, type LabOptions, openLab, run } from './export-support.js';

const PLAIN: LabOptions = { instance: { diskTemplate: 'plain' } };
/** Files, on nodes that copy them. */
const COPIED: LabOptions = { copiesFiles: true };
const MIRRORED: LabOptions = { instance: { diskTemplate: 'drbd', snode: 'node3' } };

const NAME = 'web1.example.com';
const PLACE = `${nodeIdOf('node2')} ${EXPORT_DIR}/${NAME}`;

function short(lines: readonly string[]): string {
  return lines.join('\n').replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '#');
}

describe('the way of an export', () => {
  test('given files, then the guest is down until they are sent', async () => {
    const lab = await openLab();
    const result = await run(lab, { longSleep: true });
    expect(story(lab.cluster)).toMatchInlineSnapshot(`
      "lock cluster/BGL
      lock instance/web1.example.com
      lock node/node-node1 node/node-node2 node/node-node3
      rpc hooks node1,node2 instance-export pre
      step Stopping web1.example.com on node1
      rpc stopInstance node1 web1.example.com
      step Exporting the disks of web1.example.com to node2
      info Disk 0: node2 waits for the data
      info Disk 1: node2 waits for the data
      info Disk 0: node2 is receiving data
      info Disk 1: node2 is receiving data
      info Disk 0: node2 has finished receiving
      info Disk 1: node2 has finished receiving
      info Disk 0: node1 is sending data
      info Disk 1: node1 is sending data
      info Disk 0: node1 has finished sending
      info Disk 1: node1 has finished sending
      step Finishing the export of web1.example.com on node2
      info The export of web1.example.com is in /var/lib/ganeti/export/web1.example.com on node2
      step Starting web1.example.com again on node1
      rpc startInstance node1 web1.example.com
      rpc hooks node1,node2 instance-export post"
    `);
    expect(short(lab.transfers.log)).toMatchInlineSnapshot(`
      "start receive-disk0-1
      start receive-disk1-2
      start send-disk0-3
      start send-disk1-4
      clean receive-disk0-1
      clean receive-disk1-2
      clean send-disk0-3
      clean send-disk1-4
      finalize web1.example.com on node-node2"
    `);
    expect(result).toMatchObject({ node: 'node2', path: `${EXPORT_DIR}/${NAME}` });
    expect(decodeExport(lab.transfers.exports.get(PLACE) ?? '').instance.disks).toEqual([
      { ivName: 'disk/0', name: 'root', sizeMib: 64, dump: result.dumps[0] },
      { ivName: 'disk/1', sizeMib: 32, dump: result.dumps[1] },
    ]);
  });

  test('given volumes, then copies are sent, and the guest runs meanwhile', async () => {
    const lab = await openLab(PLAIN);
    const before = await lab.world();
    await run(lab);
    expect(story(lab.cluster)).toMatchInlineSnapshot(`
      "lock cluster/BGL
      lock instance/web1.example.com
      lock node/node-node1 node/node-node2 node/node-node3
      rpc hooks node1,node2 instance-export pre
      step Stopping web1.example.com on node1
      rpc stopInstance node1 web1.example.com
      step Copying disk 0 of web1.example.com on node1
      rpc snapshotDisk node1 lvm:xenvg/#1.disk0 -> lvm:xenvg/#1.disk0.snap
      step Copying disk 1 of web1.example.com on node1
      rpc snapshotDisk node1 lvm:xenvg/#2.disk1 -> lvm:xenvg/#2.disk1.snap
      step Starting web1.example.com again on node1
      rpc startInstance node1 web1.example.com
      step Exporting the disks of web1.example.com to node2
      info Disk 0: node2 waits for the data
      info Disk 1: node2 waits for the data
      info Disk 0: node2 is receiving data
      info Disk 1: node2 is receiving data
      info Disk 0: node2 has finished receiving
      info Disk 1: node2 has finished receiving
      info Disk 0: node1 is sending data
      info Disk 1: node1 is sending data
      info Disk 0: node1 has finished sending
      info Disk 1: node1 has finished sending
      step Finishing the export of web1.example.com on node2
      info The export of web1.example.com is in /var/lib/ganeti/export/web1.example.com on node2
      step Removing the copies of the disks of web1.example.com
      rpc removeDisk node1 lvm:xenvg/#1.disk0.snap
      rpc removeDisk node1 lvm:xenvg/#2.disk1.snap
      rpc hooks node1,node2 instance-export post"
    `);
    expect(await lab.world()).toEqual([...before, `export ${PLACE}`].sort(byWorld(before)));
  });

  test('given files on nodes that copy them, then the guest is down for no longer than that', async () => {
    const lab = await openLab(COPIED);
    const before = await lab.world();
    await run(lab);
    const lines = lab.cluster.transcript.filter((line) => /^step|snapshot|removeDisk/.test(line));
    expect(short(lines)).toMatchInlineSnapshot(`
      "step Stopping web1.example.com on node1
      step Copying disk 0 of web1.example.com on node1
      rpc snapshotDisk node1 /srv/ganeti/file-storage/web1.example.com/#.file.disk0 -> /srv/ganeti/file-storage/web1.example.com/#.file.disk0.snap
      step Copying disk 1 of web1.example.com on node1
      rpc snapshotDisk node1 /srv/ganeti/file-storage/web1.example.com/#.file.disk1 -> /srv/ganeti/file-storage/web1.example.com/#.file.disk1.snap
      step Starting web1.example.com again on node1
      step Exporting the disks of web1.example.com to node2
      step Finishing the export of web1.example.com on node2
      step Removing the copies of the disks of web1.example.com
      rpc removeDisk node1 /srv/ganeti/file-storage/web1.example.com/#.file.disk0.snap
      rpc removeDisk node1 /srv/ganeti/file-storage/web1.example.com/#.file.disk1.snap"
    `);
    expect(await lab.world()).toEqual([...before, `export ${PLACE}`].sort(byWorld(before)));
  });

  test('given files on nodes that copy them, and a guest that may be down, then none is copied', async () => {
    const lab = await openLab(COPIED);
    await run(lab, { longSleep: true });
    expect(lab.cluster.transcript.filter((line) => /snapshotDisk/.test(line))).toEqual([]);
  });

  test('given mirrors, then their data volumes are copied', async () => {
    const lab = await openLab(MIRRORED);
    await run(lab, { shutdown: false });
    const lines = lab.cluster.transcript.filter((line) => /snapshot|stop|start/i.test(line));
    expect(short(lines)).toMatchInlineSnapshot(`
      "rpc snapshotDisk node1 drbd:node-node1/0,node-node3/0 -> lvm:xenvg/#.disk0_data.snap
      rpc snapshotDisk node1 drbd:node-node1/1,node-node3/1 -> lvm:xenvg/#.disk1_data.snap"
    `);
  });

  test('given a stopped instance, then its disks are used, and given back', async () => {
    const lab = await openLab(PLAIN);
    await lab.cluster.run(new LUInstanceStop(), { instanceName: 'web1' });
    lab.cluster.transcript.length = 0;
    const before = await lab.world();
    await run(lab);
    const lines = lab.cluster.transcript.filter((line) => /Disk|Instance|disks/.test(line));
    expect(short(lines)).toMatchInlineSnapshot(`
      "rpc stopInstance node1 web1.example.com
      step Making the disks of web1.example.com usable
      commit disks of web1.example.com are in use
      rpc assembleDisk node1 lvm:xenvg/#.disk0
      rpc assembleDisk node1 lvm:xenvg/#.disk1
      rpc assembleDisk node1 lvm:xenvg/#.disk0
      rpc assembleDisk node1 lvm:xenvg/#.disk1
      step Exporting the disks of web1.example.com to node2
      info Disk 0: node2 waits for the data
      info Disk 1: node2 waits for the data
      info Disk 0: node2 is receiving data
      info Disk 1: node2 is receiving data
      info Disk 0: node2 has finished receiving
      info Disk 1: node2 has finished receiving
      info Disk 0: node1 is sending data
      info Disk 1: node1 is sending data
      info Disk 0: node1 has finished sending
      info Disk 1: node1 has finished sending
      rpc shutdownDisk node1 lvm:xenvg/#.disk0
      rpc shutdownDisk node1 lvm:xenvg/#.disk1
      commit disks of web1.example.com are not in use"
    `);
    expect(await lab.world()).toEqual([...before, `export ${PLACE}`].sort(byWorld(before)));
  });

  test('given older and unfinished exports, then only the new one stays', async () => {
    const exports = [
      ['node1', NAME],
      ['node2', NAME],
      ['node2', `${NAME}.new`],
      ['node3', NAME],
      ['node3', 'other.example.com'],
    ] as const;
    const lab = await openLab({ ...PLAIN, exports });
    await run(lab);
    expect([...lab.transfers.exports.keys()]).toEqual([
      PLACE,
      `${nodeIdOf('node3')} ${EXPORT_DIR}/other.example.com`,
    ]);
    expect(lab.transfers.exports.get(PLACE)).toContain('[instance]');
  });

  test('given nodes that have nothing to do with it, then they are free while data are sent', async () => {
    const lab = await openLab({ ...PLAIN, exports: [['node3', NAME]], nodes: FOUR_NODES });
    const held: string[] = [];
    await run(
      lab,
      {},
      {
        onReport: ({ type }) => {
          if (type === 'call') void remember();
        },
      },
    );
    async function remember(): Promise<void> {
      const { locks } = await lab.cluster.open.locks.explain();
      held.push(locks.map(({ name }) => name).join(' '));
    }
    expect(held.some((names) => names.includes('node-node3'))).toBe(true);
    expect(held.at(-1)).not.toContain('node-node4');
  });

  test('given an instance that shall go, then it goes once the export is there', async () => {
    const lab = await openLab();
    await run(lab, { removeInstance: true });
    expect(await lab.world()).toEqual([`export ${PLACE}`]);
    expect(lab.cluster.transcript.filter((line) => /startInstance/.test(line))).toEqual([]);
  });

  test('given disks that cannot be removed, then that is an error, or a warning if so wanted', async () => {
    for (const ignoreRemoveFailures of [false, true]) {
      const lab = await openLab();
      lab.cluster.nodes.faults.add({ method: 'removeDisk', times: 9, message: 'it is in use' });
      const work = run(lab, { removeInstance: true, ignoreRemoveFailures });
      if (ignoreRemoveFailures) await work;
      else await expect(work).rejects.toMatchObject({ kind: 'exec', leaked: [{}] });
      expect(lab.cluster.config.count('instance')).toBe(0);
      expect(lab.transfers.exports.has(PLACE)).toBe(true);
      const told = lab.cluster.transcript.some((line) => /^warn .*it is in use/.test(line));
      expect(told).toBe(ignoreRemoveFailures);
    }
  });
});

const FOUR_NODES = ['node1', 'node2', 'node3', 'node4'].map((name) => ({ name }));

/** Lines in the order of `worldOf`: what is new is put where its kind is. */
function byWorld(before: readonly string[]): (a: string, b: string) => number {
  const rank = (line: string): number => {
    const at = before.indexOf(line);
    return at === -1 ? before.findIndex((known) => known.includes(' is ')) - 0.5 : at;
  };
  return (a, b) => rank(a) - rank(b);
}

describe('what hooks are told', () => {
  test("should be Ganeti's, on master, primary and target", async () => {
    const seen: [string, Readonly<Record<string, string>>][] = [];
    const lab = await openLab({
      nodes: [{ name: 'node0' }, { name: 'node1' }, { name: 'node2' }],
      hook: ({ path, phase, node, env }) => {
        seen.push([`${path} ${phase} ${node}`, env]);
        return [];
      },
    });
    seen.length = 0;
    await run(lab, { longSleep: true, graceMs: 30_500 });
    expect(seen.map(([where]) => where)).toEqual([
      'instance-export pre node0',
      'instance-export pre node1',
      'instance-export pre node2',
      'instance-export post node0',
      'instance-export post node1',
      'instance-export post node2',
    ]);
    expect(seen[0]?.[1]).toMatchObject({
      GANETI_OP_CODE: 'OP_BACKUP_EXPORT',
      GANETI_EXPORT_MODE: 'local',
      GANETI_EXPORT_NODE: 'node2',
      GANETI_EXPORT_DO_SHUTDOWN: 'True',
      GANETI_SHUTDOWN_TIMEOUT: '31',
      GANETI_REMOVE_INSTANCE: 'False',
      GANETI_INSTANCE_NAME: NAME,
      GANETI_INSTANCE_DISK_COUNT: '2',
    });
    expect(seen[3]?.[1]).toMatchObject({ GANETI_POST_EXPORT_NODE: 'node2' });
  });
});

describe('what is refused before anything is done', () => {
  const cases: readonly (readonly [string, Partial<ExportOp>, LabOptions, string, RegExp])[] = [
    ['an unknown instance', { instanceName: 'nobody' }, {}, 'unknown_entity', /'nobody'/],
    ['an unknown node', { targetNode: 'nowhere' }, {}, 'unknown_entity', /'nowhere'/],
    ['no node', { targetNode: '' }, {}, 'wrong_input', /targetNode/],
    ['a field of no request', { mode: 'remote' } as object, {}, 'wrong_input', /mode/],
    [
      'a long sleep without shutdown',
      { shutdown: false, longSleep: true },
      PLAIN,
      'wrong_input',
      /longSleep/,
    ],
    ['files, and no long sleep', {}, {}, 'wrong_state', /\(file\) cannot be copied.*longSleep/],
    ['files of a guest that runs on', { shutdown: false }, {}, 'wrong_state', /allow shutdown and/],
    [
      'files that are copied, of a guest that runs on',
      { shutdown: false },
      COPIED,
      'wrong_state',
      /runs; allow shutdown, or stop it first/,
    ],
    [
      'removal of what runs',
      { removeInstance: true, shutdown: false },
      PLAIN,
      'wrong_state',
      /runs/,
    ],
    [
      'no disks',
      {},
      { instance: { diskTemplate: 'diskless', disks: [] } },
      'wrong_state',
      /no disks/,
    ],
    ['a strange compression', { compress: 'rot13' }, PLAIN, 'wrong_input', /'rot13'.*gzip/],
    [
      'a target that is drained',
      {},
      { ...PLAIN, nodes: [{ name: 'node1' }, { name: 'node2', drained: true }] },
      'wrong_state',
      /'node2' is drained/,
    ],
    [
      'a target that is offline',
      {},
      { ...PLAIN, nodes: [{ name: 'node1' }, { name: 'node2', offline: true }] },
      'wrong_state',
      /'node2' is marked offline/,
    ],
    [
      'what a description cannot hold',
      {},
      { instance: { diskTemplate: 'plain', osParams: { text: ' blanks ' } } },
      'wrong_input',
      /"text"/,
    ],
  ];

  test.each(cases)('should be %s', async (_, op, options, code, message) => {
    const lab = await openLab(options);
    const before = await lab.world();
    const work = run(lab, op);
    await expect(work).rejects.toMatchObject({ code });
    await expect(work).rejects.toThrow(message);
    expect(await lab.world()).toEqual(before);
    expect(lab.cluster.transcript.filter((line) => /stopInstance|hooks/.test(line))).toEqual([]);
  });

  test('should be an export that nobody describes', async () => {
    const lab = await openLab({ ...PLAIN, site: {} });
    const before = await lab.world();
    const work = run(lab);
    await expect(work).rejects.toMatchObject({ code: 'environment_error' });
    await expect(work).rejects.toThrow(/'node2' writes no descriptions of exports; give Site\.exp/);
    expect(await lab.world()).toEqual(before);
  });
});

interface Failing {
  readonly on: 'nodes' | 'transfers';
  readonly method: string;
  readonly nth?: number;
  readonly op?: Partial<ExportOp>;
  readonly options?: LabOptions;
}

const DOWN: Partial<ExportOp> = { longSleep: true };

const FAILING: readonly Failing[] = [
  { on: 'nodes', method: 'stopInstance' },
  { on: 'nodes', method: 'snapshotDisk' },
  { on: 'nodes', method: 'snapshotDisk', nth: 2 },
  { on: 'nodes', method: 'snapshotDisk', nth: 2, options: COPIED },
  { on: 'nodes', method: 'startInstance' },
  { on: 'nodes', method: 'startInstance', op: DOWN, options: {} },
  { on: 'transfers', method: 'startImport' },
  { on: 'transfers', method: 'startImport', nth: 2 },
  { on: 'transfers', method: 'startImport', op: DOWN, options: {} },
  { on: 'transfers', method: 'startExport' },
  { on: 'transfers', method: 'finalizeExport' },
  { on: 'transfers', method: 'finalizeExport', op: DOWN, options: {} },
];

describe('a failure', () => {
  for (const kind of ['before', 'after'] as const) {
    test.each(FAILING)(
      `should leave nothing when $method ($nth) fails ${kind} it has worked`,
      async ({ on, method, nth = 1, op = {}, options = PLAIN }) => {
        const lab = await openLab(options);
        const before = await lab.world();
        const faults = on === 'nodes' ? lab.cluster.nodes.faults : lab.transfers.faults;
        faults.add({ method, nth, kind });
        await expect(run(lab, op)).rejects.toMatchObject({ kind: 'exec', leaked: [] });
        await endDaemonsNobodyKnows(lab);
        expect((await lab.world()).filter((line) => !isWhole(line, method))).toEqual(before);
      },
    );
  }

  test('should be told with the reason of the daemon that failed', async () => {
    const lab = await openLab({
      ...PLAIN,
      status: ({ side, component, asked }) =>
        side === 'send' && component === 'disk1' && asked > 1
          ? { output: ['cannot read'], exitStatus: 1, error: 'script ended with 1' }
          : undefined,
    });
    const before = await lab.world();
    const work = run(lab);
    await expect(work).rejects.toThrow(`${NAME} was not exported (Disk 1: script ended with 1)`);
    expect(await lab.world()).toEqual(before);
  });

  test('should be only a longer sleep when copies cannot be made', async () => {
    const lab = await openLab(PLAIN);
    lab.cluster.nodes.faults.add({ method: 'snapshotDisk', nth: 2, message: 'no room' });
    await run(lab, { longSleep: true });
    const lines = lab.cluster.transcript.filter((line) => /^warn|Instance|Disk/.test(line));
    expect(short(lines)).toMatchInlineSnapshot(`
      "rpc stopInstance node1 web1.example.com
      rpc snapshotDisk node1 lvm:xenvg/#.disk0 -> lvm:xenvg/#.disk0.snap
      rpc snapshotDisk node1 lvm:xenvg/#.disk1 -> lvm:xenvg/#.disk1.snap
      warn Cannot copy disk 1 on node1: no room; the guest stays down until its disks are sent
      rpc removeDisk node1 lvm:xenvg/#.disk0.snap
      rpc removeDisk node1 lvm:xenvg/#.disk1.snap
      info Disk 0: node2 waits for the data
      info Disk 1: node2 waits for the data
      info Disk 0: node2 is receiving data
      info Disk 1: node2 is receiving data
      info Disk 0: node2 has finished receiving
      info Disk 1: node2 has finished receiving
      info Disk 0: node1 is sending data
      info Disk 1: node1 is sending data
      info Disk 0: node1 has finished sending
      info Disk 1: node1 has finished sending
      rpc startInstance node1 web1.example.com"
    `);
    expect(lab.transfers.exports.has(PLACE)).toBe(true);
  });

  test('should stay in the journal when copies cannot be removed', async () => {
    const lab = await openLab(PLAIN);
    const before = await lab.world();
    lab.cluster.nodes.faults.add({ method: 'removeDisk', times: 4, message: 'busy' });
    const work = run(lab);
    await expect(work).rejects.toMatchObject({
      leaked: [{ what: `copies of the disks of ${NAME}` }],
    });
    await lab.cluster.recover();
    expect((await lab.world()).filter((line) => line !== `export ${PLACE}`)).toEqual(before);
  });

  test('should be a warning when an older export cannot be removed', async () => {
    const lab = await openLab({ ...PLAIN, exports: [['node3', NAME]] });
    lab.transfers.faults.add({ method: 'removeExport', message: 'read-only file system' });
    await run(lab);
    expect(lab.cluster.transcript.join('\n')).toMatch(/^warn .*stays on node3: read-only/m);
  });
});

/** A node that says it has not started a daemon may have; only an operator can tell. */
async function endDaemonsNobodyKnows({ transfers, cluster }: ExportLab): Promise<void> {
  for (const daemon of transfers.leftovers().filter((name) => /^(send|receive)-/.test(name))) {
    await cluster.nodes.cleanTransfer(nodeIdOf('node1'), { daemon });
  }
}

/** An export that was finished although its node says no is whole, and stays. */
function isWhole(line: string, method: string): boolean {
  return line === `export ${PLACE}` && ['finalizeExport', 'startInstance'].includes(method);
}

test.each([
  ['files', {}, DOWN],
  ['copies', PLAIN, {}],
  ['copies of files', COPIED, {}],
  ['a stopped instance', { instance: { diskTemplate: 'plain', start: false } }, {}],
] as const)(
  'given a caller who gives up in the middle (%s), then the export is whole or gone, and the guest runs',
  async (_, options, op) => {
    const first = await openLab(options);
    const from = first.cluster.events.length;
    await run(first, op);
    const count = first.cluster.events.length - from;
    for (let at = 1; at <= count; at++) {
      const lab = await openLab(options);
      const before = await lab.world();
      const abort = new AbortController();
      let seen = 0;
      const onReport = (): void => {
        seen += 1;
        if (seen === at) abort.abort();
      };
      await run(lab, op, { signal: abort.signal, onReport }).catch(() => undefined);
      const after = (await lab.world()).filter((line) => line !== `export ${PLACE}`);
      expect(after, `event ${at}`).toEqual(before);
    }
  },
);

test('given a dry run, then the plan is shown and nothing is done', async () => {
  const lab = await openLab(PLAIN);
  const before = await lab.world();
  const { plan } = await lab.cluster.plan(new LUBackupExport(), {
    instanceName: 'web1',
    targetNode: 'node2',
  });
  expect(plan).toMatchObject({ restart: true, stop: true, assemble: false, olderOn: [] });
  expect(plan.snapshots).toHaveLength(2);
  expect(await lab.world()).toEqual(before);
});
