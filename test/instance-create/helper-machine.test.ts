import { expect, test } from 'vitest';
import { LuError } from '../../src/errors.js';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import { Secret } from '../../src/model/secret.js';
import type { InstanceStatus, OsFacts } from '../../src/ports/node-facts.js';
import type { NodeRpc } from '../../src/ports/node-rpc.js';
import { answered, failed } from '../../src/ports/reply.js';
import type { TestCluster, TestClusterOptions } from '../../src/testing/test-cluster.js';
import { inTime } from './import-support.js';
import { create, openCluster, request } from './support.js';

const UNTRUSTED: OsFacts = {
  name: 'wild',
  apiVersions: [20],
  variants: [],
  parameters: [],
  trusted: false,
};

const RUNNING: InstanceStatus = { running: true, memoryMib: 128, vcpus: 1 };
const STOPPED: InstanceStatus = { ...RUNNING, running: false };

/** As Ganeti: what is missing is found when it is needed. */
const LATE: TestClusterOptions = { compatibility: { osLookUp: 'late' } };

interface HelperLab {
  readonly cluster: TestCluster;
  /** What nodes were told about the helper's scripts and start. */
  readonly told: string[];
}

/** A cluster with an OS whose scripts run on no node; `states` are the machine's, one per look. */
async function openLab(
  states: readonly (InstanceStatus | undefined)[],
  options: TestClusterOptions = {},
): Promise<HelperLab> {
  const cluster = await openCluster({
    ...options,
    nodeState: { osDefinitions: new Map([['wild', UNTRUSTED]]) },
    cluster: { installImage: '/srv/helper.img', volumeGroup: 'xenvg', ...options.cluster },
  });
  const told: string[] = [];
  let looks = 0;
  const { startInstance } = cluster.nodes;
  const calls: Pick<NodeRpc, 'exportOs' | 'fileFacts' | 'instanceStatus' | 'startInstance'> = {
    exportOs: (_node, { env }) => {
      told.push(...Object.entries(env).map(([name, value]) => `${name}=${value}`));
      return Promise.resolve(answered('/srv/packages/web1.tar'));
    },
    fileFacts: () => Promise.resolve(answered({ exists: true, sizeBytes: 3 * 1024 * 1024 + 1 })),
    instanceStatus: () => Promise.resolve(answered(states[Math.min(looks++, states.length - 1)])),
    startInstance: (node, start, call) => {
      const disks = start.runtime.disks.map(({ index, sizeMib }) => `${index}:${sizeMib}`);
      told.push(`start as ${start.purpose ?? 'guest'} with ${disks.join(' ')}`);
      return startInstance(node, start, call);
    },
  };
  Object.assign(cluster.nodes, calls);
  return { cluster, told };
}

function wild(changes: Partial<CreateOp> = {}): CreateOp {
  return request({ osType: 'wild', hypervisor: 'kvm', ...changes });
}

async function failureOf(work: Promise<unknown>): Promise<LuError> {
  const error = await work.catch((problem: unknown) => problem);
  if (LuError.is(error)) return error;
  throw new Error(`it did not fail as it should: ${String(error)}`);
}

test('should install in a machine of its own, then start the guest', async () => {
  const { cluster, told } = await openLab([undefined, RUNNING, RUNNING, STOPPED]);
  await inTime(cluster, create(cluster, wild()));
  expect(told).toEqual([
    'OS_SCRIPT=create_untrusted',
    'DISK_0_PATH=/dev/vdb',
    'start as helper with 0:4 1:64',
    'start as guest with 0:64',
  ]);
  expect(cluster.nodes.leftovers().filter((line) => line.includes('lvm:'))).toEqual([]);
});

test('should not write private parameters into the journal while the machine works', async () => {
  const store = new MemoryKvStore();
  const { cluster } = await openLab([undefined, RUNNING, STOPPED], { store });
  const journal: string[] = [];
  const { startInstance } = cluster.nodes;
  cluster.nodes.startInstance = async (node, start, call) => {
    journal.push(JSON.stringify((await store.range('journal/')).entries));
    return startInstance(node, start, call);
  };
  const osParamsPrivate = { password: new Secret('canary') };
  await inTime(cluster, create(cluster, wild({ osParamsPrivate })));
  expect(journal[0]).toContain('helper machine');
  expect(journal.join()).not.toContain('canary');
});

test('should take everything back when the machine does not start', async () => {
  const { cluster } = await openLab([undefined]);
  const error = await failureOf(inTime(cluster, create(cluster, wild())));
  expect(error.message).toContain('has not started');
  expect(await cluster.leftovers()).toEqual([]);
});

test('should take everything back when the machine does not finish', async () => {
  const { cluster } = await openLab([RUNNING]);
  const op = wild({ helperShutdownTimeoutS: 60 });
  const error = await failureOf(inTime(cluster, create(cluster, op)));
  expect(error.message).toContain('did not finish in time');
  expect(await cluster.leftovers()).toEqual([]);
});

test('should take everything back when it is cancelled while the machine works', async () => {
  const { cluster } = await openLab([RUNNING]);
  const stop = new AbortController();
  const work = create(cluster, wild(), {
    signal: stop.signal,
    onReport: (event) => {
      if (event.type === 'step' && event.message.startsWith('Waiting for the helper')) stop.abort();
    },
  });
  await failureOf(inTime(cluster, work));
  expect(await cluster.leftovers()).toEqual([]);
});

test('should leave it to the journal when it is cancelled while the machine does not stop', async () => {
  const { cluster } = await openLab([RUNNING]);
  // The guest is stopped first, then the machine that is late, then whatever is left of it.
  cluster.nodes.faults.add({ method: 'stopInstance', nth: 3, kind: 'hang' });
  const stop = new AbortController();
  let stops = 0;
  const { stopInstance } = cluster.nodes;
  cluster.nodes.stopInstance = (node, stopping, call) => {
    stops += 1;
    if (stops === 3) setImmediate(() => stop.abort());
    return stopInstance(node, stopping, call);
  };
  const ended: number[] = [];
  const work = create(cluster, wild({ helperShutdownTimeoutS: 60 }), {
    signal: stop.signal,
    onReport: (event) => {
      if (event.type === 'phaseEnd' && event.phase === 'exec')
        ended.push(cluster.clock.monotonic());
    },
  });
  expect((await failureOf(inTime(cluster, work))).kind).toBe('cancelled');
  // The sixty seconds of the machine, and nothing of the time that a node may take to stop it.
  expect(ended).toEqual([60_000]);
  expect(stops).toBeGreaterThan(3);
  expect(await cluster.leftovers()).toEqual([]);
});

test('should take the machine away, but keep the instance, when failures are kept', async () => {
  const { cluster } = await openLab([undefined], { compatibility: { onFailure: 'keep' } });
  await failureOf(inTime(cluster, create(cluster, wild())));
  expect(cluster.config.findInstance('web1.example.com')?.adminState).toBe('down');
  expect(cluster.nodes.leftovers().filter((line) => line.includes('lvm:'))).toEqual([]);
});

test('should finish at once when its node does not know the machine any more', async () => {
  const { cluster } = await openLab([RUNNING, undefined]);
  await inTime(cluster, create(cluster, wild()));
  expect(cluster.clock.monotonic()).toBeLessThan(60_000);
});

test('should wait for a machine that nobody knows when Ganeti does', async () => {
  const { cluster } = await openLab([RUNNING, undefined], {
    compatibility: { vanishedHelper: 'waited-for' },
  });
  await inTime(cluster, create(cluster, wild({ helperShutdownTimeoutS: 100 })));
  expect(cluster.clock.monotonic()).toBeGreaterThanOrEqual(100_000);
});

test.each<[why: string, options: TestClusterOptions, changes: Partial<CreateOp>, words: string]>([
  ['there is no image', { cluster: { installImage: '' } }, {}, 'no image for a helper machine'],
  ['the hypervisor runs none', {}, { hypervisor: 'fake' }, 'runs no helper machines'],
  ['the image is far away', { cluster: { installImage: 'http://x/y' } }, {}, 'by its path'],
  ['nobody looked before', { cluster: { installImage: '' }, ...LATE }, {}, 'No helper machine can'],
  [
    'the server of the image is down',
    {
      cluster: { installImage: 'http://x/y' },
      site: { downloadSize: () => Promise.reject(new Error('connection refused')) },
    },
    {},
    'Cannot learn the size of http://x/y: connection refused',
  ],
])('should say so when %s', async (_, options, changes, words) => {
  const { cluster } = await openLab([RUNNING, STOPPED], {
    ...options,
    cluster: { enabledHypervisors: ['kvm', 'fake'], ...options.cluster },
  });
  const error = await failureOf(inTime(cluster, create(cluster, wild(changes))));
  expect(error.message).toContain(words);
  expect(await cluster.leftovers()).toEqual([]);
});

test('should make a disk as large as an image that is far away', async () => {
  const asked: string[] = [];
  const { cluster, told } = await openLab([undefined, RUNNING, STOPPED], {
    cluster: { installImage: 'http://images.example.com/helper.img' },
    site: {
      downloadSize: (url) => {
        asked.push(url);
        return Promise.resolve(5 * 1024 * 1024 + 1);
      },
    },
  });
  await inTime(cluster, create(cluster, wild()));
  expect(asked).toEqual(['http://images.example.com/helper.img']);
  expect(told).toContain('start as helper with 0:6 1:64');
  expect(await cluster.open.locks.explain()).toMatchObject({ locks: [] });
});

test('should take everything back when it is cancelled while a server is asked', async () => {
  const stop = new AbortController();
  const { cluster } = await openLab([RUNNING], {
    cluster: { installImage: 'http://x/y' },
    site: {
      downloadSize: (_, signal) => {
        stop.abort('enough');
        return Promise.reject(signal.reason as Error);
      },
    },
  });
  const run = create(cluster, wild(), { signal: stop.signal });
  await expect(inTime(cluster, run)).rejects.toMatchObject({ name: 'Cancelled', cause: 'enough' });
  expect(await cluster.leftovers()).toEqual([]);
});

test('should stop when the OS cannot be packed', async () => {
  const { cluster } = await openLab([RUNNING]);
  Object.assign(cluster.nodes, { exportOs: () => Promise.resolve(failed('tar is missing')) });
  const error = await failureOf(inTime(cluster, create(cluster, wild())));
  expect(error.message).toContain('tar is missing');
  expect(await cluster.leftovers()).toEqual([]);
});

test('should not run a machine when nothing shall be installed', async () => {
  const { cluster, told } = await openLab([RUNNING]);
  await inTime(cluster, create(cluster, wild({ noInstall: true })));
  expect(told).toEqual([]);
});

test('should say so when the node has no image', async () => {
  const { cluster } = await openLab([RUNNING, STOPPED]);
  Object.assign(cluster.nodes, { fileFacts: () => Promise.resolve(answered({ exists: false })) });
  const error = await failureOf(inTime(cluster, create(cluster, wild())));
  expect(error.message).toContain('node1 has no file /srv/helper.img');
  expect(await cluster.leftovers()).toEqual([]);
});

test('should say so when there is no volume group for its disk', async () => {
  const { cluster } = await openLab([RUNNING, STOPPED]);
  await cluster.config.commit('none', (draft) =>
    draft.updateCluster((settings) => void delete settings.volumeGroup),
  );
  const error = await failureOf(inTime(cluster, create(cluster, wild())));
  expect(error.message).toContain('no volume group for the disk of a helper machine');
  expect(await cluster.leftovers()).toEqual([]);
});

test('should go on when a disk of the guest is not given back', async () => {
  const { cluster } = await openLab([undefined, RUNNING, STOPPED]);
  cluster.nodes.faults.add({ method: 'shutdownDisk', message: 'device is busy' });
  expect(await inTime(cluster, create(cluster, wild()))).toEqual(['node1']);
  expect(cluster.transcript).toContain('warn Cannot give back disk 0 on node1: device is busy');
});

test.each([
  ['work without a mirror whose node is away', 'node2', undefined],
  ['not work when the disks of its own node are away', 'node1', 'Disks of web1'],
])('should %s', async (_, node, says) => {
  const { cluster } = await openLab([undefined, RUNNING, STOPPED], {
    cluster: { enabledDiskTemplates: ['drbd'] },
  });
  cluster.nodes.faults.add({ method: 'assembleDisk', node, failure: 'offline', times: 9 });
  const op = wild({ diskTemplate: 'drbd', snode: 'node2', start: false });
  const run = inTime(cluster, create(cluster, op));
  if (says === undefined) expect(await run).toEqual(['node1', 'node2']);
  else await expect(run).rejects.toThrow(says);
});

test('should name a temporary disk that cannot be taken away, and the cause before it', async () => {
  const { cluster } = await openLab([undefined]);
  const { removeDisk } = cluster.nodes;
  let isBusy = true;
  cluster.nodes.removeDisk = (node, request, call) =>
    request.disk.template === 'plain' && isBusy
      ? Promise.resolve(failed('in use'))
      : removeDisk(node, request, call);
  const error = await failureOf(inTime(cluster, create(cluster, wild())));
  expect(error.message).toContain('has not started');
  expect(error).toMatchObject({
    leaked: [{ reason: expect.stringContaining('in use') as string }],
  });
  expect(cluster.transcript).toContainEqual(
    expect.stringMatching(/^warn Cannot remove the temporary disk of web1.* on node1: in use$/),
  );
  isBusy = false;
  await cluster.recover();
  expect(await cluster.leftovers()).toEqual([]);
});
