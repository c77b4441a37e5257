/**
 * Contents on their way, when nodes do not do as they are told: what is said, what is tried again,
 * and that nothing is left of daemons and keys.
 */
import { expect, test } from 'vitest';
import type { NodeRpc } from '../../src/ports/node-rpc.js';
import { failed } from '../../src/ports/reply.js';
import type { TransferStatus } from '../../src/ports/transfer.js';
import type { StubDaemon } from '../../src/testing/stub-transfers.js';
import type { TestCluster } from '../../src/testing/test-cluster.js';
import { answer, type ImportLab, importOf, inTime, openLab } from './import-support.js';
import { create } from './support.js';

type Ending = 'cleanTransfer' | 'abortTransfer';

/** Makes a call fail the first `times` times. */
function breakCall(lab: ImportLab, method: Ending, times: number): void {
  let left = times;
  const works: NodeRpc[Ending] = lab.transfers.calls[method];
  const call: NodeRpc[Ending] = (...args) =>
    left-- > 0 ? Promise.resolve(failed('no such host')) : works(...args);
  answer(lab, { [method]: call });
}

function told(cluster: TestCluster, type: 'info' | 'warning'): readonly string[] {
  return cluster.events.flatMap((event) => (event.type === type ? [event.message] : []));
}

/** The receiver of the second disk ends badly. */
function breaksOff({ side, component }: StubDaemon): TransferStatus | undefined {
  if (side !== 'receive' || component !== 'disk1') return undefined;
  return { output: ['tar: short read'], port: 11_000, exitStatus: 1, error: 'broken pipe' };
}

test('should tell how far a daemon has come, once a minute', async () => {
  const slow = ({ side, component, asked }: StubDaemon): TransferStatus | undefined => {
    if (side !== 'receive' || component !== 'disk0' || asked > 16) return undefined;
    const known = asked > 2 ? { percent: 31.2, etaS: 5.6 } : {};
    return { output: [], port: 1, connected: true, mib: 20.4, mibPerS: 4.26, ...known };
  };
  const { cluster } = await openLab({ status: slow });
  await inTime(cluster, create(cluster, importOf()));
  expect(told(cluster, 'info').filter((line) => line.includes('MiB/s'))).toEqual([
    'Disk 0: 20 MiB, 4.3 MiB/s',
  ]);
  // As soon as the share is known it is progress, for bars as well as for readers.
  const [progress] = cluster.events.filter((event) => event.type === 'progress');
  expect(progress).toMatchObject({
    message: 'Disk 0: 20 MiB, 4.3 MiB/s, 31 %, 6 s to go',
    fraction: expect.closeTo(0.312) as number,
  });
});

test('should go on when a node is silent for a while', async () => {
  const lab = await openLab();
  const { cluster, transfers } = lab;
  let calls = 0;
  answer(lab, {
    transferStatus: (...args) =>
      ++calls % 3 === 1
        ? Promise.resolve(failed('no route', 'unreachable'))
        : transfers.calls.transferStatus(...args),
  });
  await inTime(cluster, create(cluster, importOf()));
  expect(told(cluster, 'warning')).toContain(
    'Cannot learn the state of transfers on node1: no route',
  );
  expect(transfers.leftovers()).toEqual([]);
});

test('should give up when a node stays silent', async () => {
  const lab = await openLab();
  const { cluster, transfers } = lab;
  answer(lab, {
    transferStatus: () => Promise.resolve(failed('no route', 'unreachable')),
  });
  await expect(inTime(cluster, create(cluster, importOf()))).rejects.toThrow(
    'its node has not told its state for 10 seconds',
  );
  expect(transfers.leftovers()).toEqual([]);
  expect(await cluster.leftovers()).toEqual([]);
});

test('should say with which status a daemon has ended when it says nothing itself', async () => {
  const mute = ({ side }: StubDaemon): TransferStatus | undefined =>
    side === 'send' ? { output: [], exitStatus: 3 } : undefined;
  const { cluster, transfers } = await openLab({ status: mute });
  await expect(inTime(cluster, create(cluster, importOf()))).rejects.toThrow(
    'Disk 0: it ended with status 3',
  );
  expect(transfers.leftovers()).toEqual([]);
});

test('should try again at the end to clean up after a daemon', async () => {
  const lab = await openLab();
  breakCall(lab, 'cleanTransfer', 1);
  await inTime(lab.cluster, create(lab.cluster, importOf()));
  const [warning] = told(lab.cluster, 'warning');
  expect(warning).toMatch(/^Cannot end daemon receive-disk0-1 on node1: no such host$/);
  expect(lab.transfers.leftovers()).toEqual([]);
});

test('should name a daemon that cannot be ended, and end it by recovery', async () => {
  const lab = await openLab({ status: breaksOff });
  const { cluster, transfers } = lab;
  breakCall(lab, 'cleanTransfer', 100);
  const left = ['receive-disk0-1', 'receive-disk1-2', 'send-disk0-3'];
  const run = inTime(cluster, create(cluster, importOf()));
  await expect(run).rejects.toMatchObject({
    message: expect.stringContaining('Disk 1: broken pipe') as string,
    leaked: expect.arrayContaining([
      expect.objectContaining({ what: `transfer daemon ${left[1]} on node1` }) as object,
    ]) as object[],
  });
  expect(transfers.leftovers()).toEqual(expect.arrayContaining(left));
  breakCall(lab, 'cleanTransfer', 0);
  await cluster.recover();
  expect(transfers.leftovers()).toEqual([]);
  expect(await cluster.leftovers()).toEqual([]);
});

test('given an import that succeeds, should leave a daemon that cannot be ended to recovery', async () => {
  const lab = await openLab();
  const { cluster, transfers } = lab;
  breakCall(lab, 'cleanTransfer', 100);
  await inTime(cluster, create(cluster, importOf()));
  const name = importOf().instanceName;
  expect(transfers.leftovers()).toContain('receive-disk0-1');
  breakCall(lab, 'cleanTransfer', 0);
  const { operations } = await cluster.recover();
  expect(operations.flatMap(({ undone }) => undone)).toContain(
    'transfer daemon receive-disk0-1 on node1',
  );
  expect(transfers.leftovers()).toEqual([]);
  expect(cluster.config.findInstance(name)?.name).toBe(name);
});

test('should say so when the other side cannot be told to stop', async () => {
  const lateBreak = (daemon: StubDaemon): TransferStatus | undefined => {
    const { side, component, asked } = daemon;
    if (component !== 'disk1') return undefined;
    if (side === 'send') return { output: [], connected: true };
    const state = { output: [], port: 1, connected: true };
    return asked < 3 ? state : { ...state, exitStatus: 1, error: 'disk full' };
  };
  const lab = await openLab({ status: lateBreak });
  breakCall(lab, 'abortTransfer', 1);
  // The sender hears nothing of it, and is ended with the operation.
  const stop = new AbortController();
  const run = create(lab.cluster, importOf(), {
    signal: stop.signal,
    onReport: (event) => {
      if (event.type === 'warning' && event.message.startsWith('Cannot stop')) stop.abort();
    },
  });
  await expect(inTime(lab.cluster, run)).rejects.toMatchObject({ name: 'Cancelled', leaked: [] });
  expect(told(lab.cluster, 'warning')).toContain(
    'Cannot stop daemon send-disk1-4 on node2: no such host',
  );
  expect(lab.transfers.leftovers()).toEqual([]);
});
