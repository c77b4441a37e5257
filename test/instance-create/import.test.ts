import { expect, test } from 'vitest';
import type { NetworkId } from '../../src/model/ids.js';
import { LuError } from '../../src/errors.js';
import { layUnder } from '../../src/instance-create/source/lay-under.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import type { TestCluster } from '../../src/testing/test-cluster.js';
import type { StubDaemon } from '../../src/testing/stub-transfers.js';
import type { TransferStatus } from '../../src/ports/transfer.js';
import { answer, DESCRIPTION, importOf, inTime, openLab } from './import-support.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { create } from './support.js';

function instances(cluster: TestCluster): readonly string[] {
  return [...cluster.config.all('instance')].map(({ name }) => name);
}

async function failureOf(work: Promise<unknown>): Promise<LuError> {
  const error = await work.catch((problem: unknown) => problem);
  if (LuError.is(error)) return error;
  throw new Error(`it did not fail as it should: ${String(error)}`);
}

/** The second disk's receiver breaks off. */
function breaksOff({ side, component }: StubDaemon): TransferStatus | undefined {
  if (side !== 'receive' || component !== 'disk1') return undefined;
  return { output: ['tar: short read'], port: 11_000, exitStatus: 1, error: 'broken pipe' };
}

test('should make the instance of an export when its node is named', async () => {
  const { cluster, transfers } = await openLab();
  await inTime(cluster, create(cluster, importOf()));
  const instance = cluster.config.findInstance('web1.example.com');
  expect(instance).toMatchObject({ os: 'debian', tags: ['kept'], adminState: 'up' });
  expect(instance?.beParams).toMatchObject({ maxMemMib: 256, minMemMib: 128 });
  expect(transfers.log.filter((line) => line.startsWith('start'))).toEqual([
    'start receive-disk0-1',
    'start receive-disk1-2',
    'start send-disk0-3',
    'start send-disk1-4',
  ]);
  expect(transfers.leftovers()).toEqual([]);
});

test('should find an export when no node is named', async () => {
  const { cluster } = await openLab();
  const { srcNode: _, ...op } = importOf();
  await inTime(cluster, create(cluster, op));
  expect(instances(cluster)).toEqual(['web1.example.com']);
});

test('should tell the guest its new name', async () => {
  const { cluster } = await openLab();
  await inTime(cluster, create(cluster, importOf()));
  expect(cluster.transcript.join('\n')).toContain('renameOs');
});

test('should take everything back when contents are missing', async () => {
  const { cluster, transfers } = await openLab({ status: breaksOff });
  const error = await failureOf(inTime(cluster, create(cluster, importOf())));
  expect(error.message).toContain('Disk 1: broken pipe');
  expect(instances(cluster)).toEqual([]);
  expect(await cluster.leftovers()).toEqual([]);
  expect(transfers.leftovers()).toEqual([]);
});

test('should tell why the side failed that failed first, not its partner', async () => {
  const status = ({ side, asked, aborted }: StubDaemon): TransferStatus | undefined => {
    if (side === 'send') return { output: [], exitStatus: 1, error: 'the tape is torn' };
    if (aborted === true) return { output: [], port: 11_000, exitStatus: 1, error: 'SIGTERM' };
    return { output: [], port: 11_000, connected: asked > 1 };
  };
  const { cluster } = await openLab({ status });
  const error = await failureOf(inTime(cluster, create(cluster, importOf())));
  expect(error.message).toContain('(Disk 0: the tape is torn; Disk 1: the tape is torn)');
});

test('should tell the progress of transfers, as far as it is known', async () => {
  const status = ({ side, asked }: StubDaemon): TransferStatus | undefined => {
    const port = side === 'receive' ? { port: 11_000 } : {};
    if (asked > 6) return undefined;
    const done = { mib: asked * 10, mibPerS: 2.5 };
    const known = side === 'send' ? { percent: asked * 10, etaS: 9 - asked } : {};
    return { output: [], connected: true, ...port, ...done, ...known };
  };
  const { cluster } = await openLab({ status });
  await inTime(cluster, create(cluster, importOf()));
  const told = cluster.events.flatMap((event) =>
    (event.type === 'progress' || event.type === 'info') && event.message.includes('MiB/s')
      ? [[event.type, event.message, event.type === 'progress' ? event.fraction : undefined]]
      : [],
  );
  expect(told.slice(0, 3)).toEqual([
    ['info', 'Disk 0: 10 MiB, 2.5 MiB/s', undefined],
    ['info', 'Disk 1: 10 MiB, 2.5 MiB/s', undefined],
    ['progress', 'Disk 0: 10 MiB, 2.5 MiB/s, 10 %, 8 s to go', 0.1],
  ]);
});

test('should tell a raw disk how much has to arrive, an import script not', async () => {
  const ends: unknown[] = [];
  const status = ({ side, end }: StubDaemon): undefined => {
    if (side === 'receive') ends.push(end);
  };
  const { os: _, ...description } = DESCRIPTION;
  const raw = await openLab({ status, description });
  await inTime(raw.cluster, create(raw.cluster, importOf()));
  expect(ends[0]).toMatchObject({ kind: 'disk', leastMib: 64 });
  ends.length = 0;
  const scripted = await openLab({ status });
  await inTime(scripted.cluster, create(scripted.cluster, importOf()));
  expect(ends[0]).toMatchObject({ kind: 'script' });
  expect(ends[0]).not.toHaveProperty('leastMib');
});

test('should keep half of the contents when that is wanted', async () => {
  const { cluster, transfers } = await openLab({
    status: breaksOff,
    compatibility: { partialImports: 'accepted' },
  });
  await inTime(cluster, create(cluster, importOf()));
  expect(instances(cluster)).toEqual(['web1.example.com']);
  const warnings = cluster.events.flatMap((event) =>
    event.type === 'warning' ? [event.message] : [],
  );
  expect(warnings.join('\n')).toContain('missing or incomplete');
  expect(transfers.leftovers()).toEqual([]);
});

test('should leave no daemon behind when it is cancelled', async () => {
  const { cluster, transfers } = await openLab({ status: () => ({ output: [], port: 1 }) });
  const stop = new AbortController();
  const work = create(cluster, importOf(), {
    signal: stop.signal,
    onReport: (event) => {
      if (event.type === 'info' && event.message.includes('waits')) stop.abort();
    },
  });
  await failureOf(inTime(cluster, work));
  expect(transfers.leftovers()).toEqual([]);
  expect(await cluster.leftovers()).toEqual([]);
});

test('should give up when nobody connects', async () => {
  const { cluster, transfers } = await openLab({ status: () => ({ output: [], port: 1 }) });
  const error = await failureOf(inTime(cluster, create(cluster, importOf())));
  expect(error.message).toContain('nobody has connected after 60 seconds');
  expect(transfers.leftovers()).toEqual([]);
});

test.each<[why: string, changes: Partial<CreateOp>, code: string]>([
  ['a directory without its node', { srcNode: '', srcPath: '/srv/old' }, 'wrong_input'],
  ['a name that leads elsewhere', { srcPath: '../etc' }, 'wrong_input'],
  ['a node that is unknown', { srcNode: 'node9' }, 'unknown_entity'],
  ['an export that is not there', { srcPath: 'new' }, 'environment_error'],
])('should refuse %s', async (_, changes, code) => {
  const { cluster } = await openLab();
  const { srcNode, ...op } = importOf(changes);
  const wanted = srcNode === '' || srcNode === undefined ? op : { ...op, srcNode };
  const error = await failureOf(inTime(cluster, create(cluster, wanted)));
  expect(error.toJSON()).toMatchObject({ code });
  expect(await cluster.leftovers()).toEqual([]);
});

test('should refuse a dump that is not in the directory of the export', async () => {
  const disks = [{ sizeMib: 64, dump: '../../shadow' }];
  const description = { ...DESCRIPTION, instance: { ...DESCRIPTION.instance, disks } };
  const { cluster } = await openLab({ description });
  const error = await failureOf(inTime(cluster, create(cluster, importOf())));
  expect(error).toMatchObject({ code: 'environment_error', about: 'export-file' });
});

/** The export of two disks, the first of which has no size. */
const NO_SIZE = {
  ...DESCRIPTION,
  instance: {
    ...DESCRIPTION.instance,
    disks: [{ dump: 'root.dump' }, { sizeMib: 32, dump: 'data.dump' }],
  },
};

test('should refuse an export that hides the size of a disk, unless the request has disks', async () => {
  const { cluster } = await openLab({ description: NO_SIZE });
  const error = await failureOf(inTime(cluster, create(cluster, importOf())));
  expect(error).toMatchObject({ code: 'environment_error' });
  expect(error.message).toContain('does not tell the size of disk 0; give the disks yourself');
  expect(await cluster.leftovers()).toEqual([]);
  const disks = [{ size: 64 }, { size: 32 }];
  expect(await inTime(cluster, create(cluster, importOf({ disks })))).toEqual(['node1']);
});

test('should leave out a disk without size, as Ganeti does, when half of an import is fine', async () => {
  const { cluster } = await openLab({
    description: NO_SIZE,
    compatibility: { partialImports: 'accepted' },
  });
  await inTime(cluster, create(cluster, importOf()));
  expect([...cluster.config.all('disk')].map(({ sizeMib }) => sizeMib)).toEqual([32]);
});

test.each([
  ['as they are', 'refused', ['disk', 'disk'], []],
  ['not at all, as by Ganeti,', 'accepted', [], []],
] as const)(
  'should bring contents %s when the instance has no OS',
  async (_, partialImports, ends, scripts) => {
    const { os: __, ...description } = DESCRIPTION;
    const lab = await openLab({ description, compatibility: { partialImports } });
    const { cluster, transfers } = lab;
    const into: string[] = [];
    answer(lab, {
      startImport: (node, start, call) => {
        into.push(start.into.kind);
        return transfers.calls.startImport(node, start, call);
      },
    });
    await inTime(cluster, create(cluster, importOf()));
    expect(into).toEqual(ends);
    expect(cluster.config.findInstance('web1.example.com')).not.toHaveProperty('os');
    expect(cluster.transcript.filter((line) => line.includes('renameOs'))).toEqual(scripts);
    expect(transfers.leftovers()).toEqual([]);
  },
);

test.each([
  ['early', 'wrong_state', false],
  ['late', undefined, true],
] as const)(
  'should refuse an import by an OS whose scripts may run on no node (looked up %s)',
  async (osLookUp, code, isMade) => {
    const { cluster, transfers } = await openLab({
      cluster: { installImage: '/srv/helper.img' },
      compatibility: { osLookUp },
    });
    const { osDefinitions } = cluster.nodes.state(nodeIdOf('node1'));
    const debian = osDefinitions.get('debian');
    if (debian !== undefined) osDefinitions.set('debian', { ...debian, trusted: false });
    const error = await failureOf(inTime(cluster, create(cluster, importOf())));
    expect(error.message).toContain('nothing can be imported by it');
    expect(error.toJSON()['code']).toBe(code);
    expect(cluster.transcript.some((line) => line.includes('createDisk'))).toBe(isMade);
    expect(transfers.leftovers()).toEqual([]);
    expect(await cluster.leftovers()).toEqual([]);
  },
);

test('should say what is missing when the host reads no exports', async () => {
  const { cluster } = await openLab({ site: {} });
  const error = await failureOf(create(cluster, importOf()));
  expect(error.message).toContain('exportFormat');
});

test('what the request says wins over the export, but for the OS', () => {
  const op = importOf({
    osType: 'other',
    disks: [{ size: 1 }],
    tags: ['mine'],
    beParams: { maxMemMib: 512 },
    osParams: { fs: 'xfs', more: 'yes' },
  });
  expect(layUnder(op, DESCRIPTION)).toMatchObject({
    osType: 'debian',
    disks: [{ size: 1 }],
    nics: [{ mac: 'aa:00:00:12:34:56', mode: 'bridged', link: 'xen-br0', vlan: '' }],
    tags: ['mine'],
    beParams: { maxMemMib: 512, minMemMib: '128' },
    osParams: { fs: 'xfs', more: 'yes' },
  });
});

test('a card that was in a network is in it again, and takes its parameters from there', () => {
  const networkId = 'net-1' as NetworkId;
  const nic = { mac: 'aa:00:00:12:34:56', ip: '192.0.2.7', name: 'front' };
  const facts = { ...nic, networkId, mode: 'bridged', link: 'br0', vlan: '' } as const;
  const instance = { ...DESCRIPTION.instance, nics: [facts] };
  const { nics } = layUnder(importOf(), { ...DESCRIPTION, instance });
  expect(nics).toEqual([{ ...nic, network: networkId }]);
});
