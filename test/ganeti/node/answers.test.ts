import { describe, expect, test } from 'vitest';
import { runOnMaster } from '../../../src/ganeti/node/allocator-runner.js';
import { GanetiNodes } from '../../../src/ganeti/node/ganeti-nodes.js';
import { revealArguments } from '../../../src/ganeti/node/transport.js';
import { PrereqError } from '../../../src/errors.js';
import type { NodeId } from '../../../src/model/ids.js';
import { Secret } from '../../../src/model/secret.js';
import type { RuntimeInstance } from '../../../src/ports/runtime.js';
import { answered } from '../../../src/ports/reply.js';
import { diskAt } from '../../local/hypervisors/runtime.js';
import { runtimeOf } from './decoded.js';
import { opened, RecordedTransport, type RecordedResult } from './recorded.js';
import { firstOf, replayed, SAMPLE, sampleConfig } from './sample.js';

const config = sampleConfig(firstOf('node_info'));
const [NODE = '' as NodeId, OTHER = '' as NodeId] = [...config.all('node')].map(({ id }) => id);
const FAILED: RecordedResult = { fail_msg: 'broken', offline: false, payload: null };

interface World {
  readonly on: GanetiNodes;
  readonly transport: RecordedTransport;
}

/** Every node answers with the payload. */
function answering(payload: unknown): World {
  const result = { fail_msg: null, offline: false, payload };
  return worldOf(Object.fromEntries([...config.all('node')].map(({ id }) => [id, result])));
}

function worldOf(results: Readonly<Record<string, RecordedResult>>): World {
  const transport = new RecordedTransport(results);
  return { on: new GanetiNodes({ transport, config }), transport };
}

describe('payloads become', () => {
  test('facts about a node, with storage in the order of the question', async () => {
    const { on } = answering([
      'boot',
      [{ type: 'lvm-vg', name: 'x', storage_size: 10, storage_free: 4 }, { type: 'file' }],
      [{ memory_total: 3, memory_free: 2, memory_dom0: 1, cpu_total: 8, cpu_dom0: 2 }],
    ]);
    const storage = [
      { kind: 'lvm-vg', key: 'x' },
      { kind: 'file', key: '/srv' },
    ] as const;
    expect((await on.nodeInfo([NODE], { storage })).get(NODE)).toEqual(
      answered({
        memoryTotalMib: 3,
        memoryFreeMib: 2,
        memoryNodeMib: 1,
        cpuTotal: 8,
        cpuNode: 2,
        storage: [{ kind: 'lvm-vg', key: 'x', totalMib: 10, freeMib: 4 }, storage[1]],
      }),
    );
  });

  test.each([
    [{}, undefined],
    [
      { memory: 512, vcpus: 2, state: 0 },
      { running: true, memoryMib: 512, vcpus: 2 },
    ],
    [
      { memory: 0, vcpus: 0, state: 1 },
      { running: false, memoryMib: 0, vcpus: 0 },
    ],
  ])('the status %j', async (payload, status) => {
    const { on } = answering(payload);
    const request = { name: 'web', hypervisor: 'fake', hvParams: {} } as const;
    expect(await on.instanceStatus(NODE, request)).toEqual(answered(status));
    if (status === undefined) return;
    const all = await answering({ web: payload }).on.allInstances([NODE], {
      hypervisors: ['fake'],
      hvParams: {},
    });
    expect(all.get(NODE)).toEqual(answered(new Map([['web', status]])));
  });

  test('sizes, also where they are written as text', async () => {
    const groups = await answering({ a: 5, b: '6.50' }).on.volumeGroups(NODE, {});
    expect(groups).toEqual(
      answered(
        new Map([
          ['a', 5],
          ['b', 6.5],
        ]),
      ),
    );
    const volumes = await answering({ 'a/b': ['2.00', null, true] }).on.volumes(NODE, {
      groups: ['a'],
    });
    expect(volumes).toEqual(answered(new Map([['a/b', { sizeMib: 2, online: true }]])));
  });

  test('a failure where a number has more digits than any number holds', async () => {
    const { on } = answering({ a: '9'.repeat(400) });
    expect(await on.volumeGroups(NODE, {})).toMatchObject({
      ok: false,
      message: expect.stringContaining('the number is too large') as string,
    });
  });

  test('a file', async () => {
    const there = await answering([true, { size: 9 }]).on.fileFacts(NODE, { path: '/x' });
    expect(there).toEqual(answered({ exists: true, sizeBytes: 9 }));
    const missing = await answering([false, {}]).on.fileFacts(NODE, { path: '/x' });
    expect(missing).toEqual(answered({ exists: false }));
  });

  test('only a usable OS definition', async () => {
    const one = (valid: boolean, trusted: boolean): unknown[] => [
      ['deb', '/x/deb', valid, '', ['a'], [['fs', 'File system']], [20], trusted],
    ];
    const found = await answering([...one(false, true), ...one(true, false)]).on.findOs(NODE, {
      os: 'deb',
    });
    expect(found).toEqual(
      answered({
        name: 'deb',
        apiVersions: [20],
        variants: ['a'],
        parameters: [['fs', 'File system']],
        trusted: false,
      }),
    );
    const broken = await answering(one(false, true)).on.findOs(NODE, { os: 'deb' });
    expect(broken).toEqual(answered(undefined));
  });

  test('states of mirrors; what is not known holds up nothing', async () => {
    const { on } = answering([
      { dev_path: '/d', is_degraded: true, ldisk_status: 2, sync_percent: 50, estimated_time: 9 },
      { is_degraded: false, ldisk_status: 1 },
      null,
    ]);
    const runtime = anyRuntime();
    expect(await on.mirrorStatus(NODE, { disks: [], runtime })).toEqual(
      answered([
        { degraded: true, syncPercent: 50, estimatedS: 9, local: 'syncing' },
        { degraded: false, local: 'ok' },
        { degraded: false, local: 'unknown' },
      ]),
    );
    const verdicts = await answering([[true, null], [false, 'no'], true]).on.pauseSync(NODE, {
      disks: [],
      runtime,
      pause: true,
    });
    expect(verdicts).toEqual(answered([true, false, true]));
  });

  test('states of transfers', async () => {
    const { on } = answering([
      { listen_port: 9, connected: null, recent_output: ['a'], exit_status: null },
      null,
      { exit_status: 1, error_message: 'x', progress_percent: 5, progress_mbytes: 6 },
    ]);
    expect(await on.transferStatus(NODE, { daemons: ['a', 'b', 'c'] })).toEqual(
      answered([
        { port: 9, output: ['a'] },
        undefined,
        { exitStatus: 1, error: 'x', percent: 5, mib: 6, output: [] },
      ]),
    );
  });

  test('results of hook scripts', async () => {
    const { on } = answering([
      ['instance-add-pre.d/a', 0, ''],
      ['b', 1, 'no'],
      ['c', 2, ''],
    ]);
    const replies = await on.runHooks([NODE], { path: 'instance-add', phase: 'pre', env: {} });
    expect(replies.get(NODE)).toEqual(
      answered([
        { script: 'a', status: 'skipped', output: '' },
        { script: 'b', status: 'failed', output: 'no' },
        { script: 'c', status: 'ok', output: '' },
      ]),
    );
  });

  test('the directory that was asked for, where nobody has looked what was missing', async () => {
    const transport = new RecordedTransport({
      [NODE]: { fail_msg: null, offline: false, payload: null },
    });
    const on = new GanetiNodes({ transport, config, looksBefore: false });
    const reply = await on.createStorageDir(NODE, { path: '/a/b' });
    expect(reply).toEqual(answered(['/a/b']));
    expect(transport.calls).toHaveLength(1);
  });
});

describe('a call', () => {
  test('has the time limit of its procedure, unless the caller gives one', async () => {
    const { on, transport } = answering(null);
    await on.bridgesExist(NODE, { bridges: [] });
    await on.bridgesExist(NODE, { bridges: [] }, { timeoutMs: 5 });
    await on.stopInstance(NODE, {
      name: '',
      hypervisor: 'fake',
      hvParams: {},
      graceMs: 120_000,
      runtime: anyRuntime(),
    });
    expect(transport.options.map(({ timeoutMs }) => timeoutMs)).toEqual([60_000, 5, 1_020_000]);
  });

  test('hands its signal down', async () => {
    const { on, transport } = answering(null);
    const { signal } = new AbortController();
    await on.bridgesExist(NODE, { bridges: [] }, { signal });
    expect(transport.options[0]?.signal).toBe(signal);
  });

  test('leaves out of many nodes those that gave no answer', async () => {
    const { on } = worldOf({ [NODE]: FAILED });
    const replies = await on.listExports([NODE, OTHER], {});
    expect([...replies.keys()]).toEqual([NODE]);
    expect(replies.get(NODE)).toEqual({ ok: false, failure: 'failed', message: 'broken' });
    expect(await on.bridgesExist(OTHER, { bridges: [] })).toMatchObject({
      ok: false,
      failure: 'unreachable',
    });
  });

  test('answers for a node that is not in the cluster, without asking it', async () => {
    const { on, transport } = answering([]);
    const replies = await on.listExports([NODE, 'gone' as NodeId], {});
    expect(replies.get('gone' as NodeId)).toMatchObject({ ok: false, failure: 'unreachable' });
    expect(transport.calls[0]?.nodes.map(({ id }) => id)).toEqual([NODE]);
    await on.listExports(['gone' as NodeId], {});
    expect(transport.calls).toHaveLength(1);
  });

  test('stops what nobody knows any more, by its name', async () => {
    const { on, transport } = answering(null);
    const request = { name: 'nobody', hypervisor: 'fake', hvParams: {}, graceMs: 0 } as const;
    expect((await on.stopInstance(NODE, request)).ok).toBe(true);
    expect(transport.calls[0]?.wire(NODE)[0]).toMatchObject({ name: 'nobody', disks_info: [] });
  });

  test.each([
    ["Can't create block device: /d/disk0: can't create: [Errno 17] File exists: '/d'", 'exists'],
    ["Path '/tmp/disk0' is not acceptable for file storage", 'not_authorised'],
    ["Can't create block device: /d: can't create: [Errno 28] No space left on device", 'failed'],
  ])('that makes a disk and is told "%s" is %s', async (message, failure) => {
    const { on } = worldOf({ [NODE]: { ...FAILED, fail_msg: message } });
    const disk = diskAt('/srv/ganeti/file-storage/x/disk0');
    expect(await on.createDisk(NODE, { disk, owner: 'x', info: '' })).toMatchObject({ failure });
  });

  test('that finds no OS has found that out', async () => {
    const message = 'Directory for OS none not found in search path';
    const { on } = worldOf({ [NODE]: { ...FAILED, fail_msg: message } });
    const params = { public: {}, private: {}, secret: {} };
    const replies = await on.validateOs([NODE], { os: 'none', params, forceVariant: false });
    expect(replies.get(NODE)).toEqual(answered(false));
  });

  test('keeps secrets closed until they leave', async () => {
    const { on, transport } = answering(true);
    const params = { public: { a: '1' }, private: { a: new Secret('2') }, secret: {} };
    await on.validateOs([NODE], { os: 'deb', params, forceVariant: false });
    const [call] = transport.calls;
    expect(JSON.stringify([call?.args, call?.wire(NODE)])).not.toContain('"2"');
    expect(revealArguments(call?.wire(NODE) ?? [])).toEqual([
      true,
      'deb',
      ['parameters'],
      { a: '2' },
      false,
    ]);
  });
});

describe('an allocator program on the node that leads', () => {
  const { signal } = new AbortController();
  const master = config.cluster.masterNode;

  test('gets the request as text, and answers with what it has printed', async () => {
    const transport = new RecordedTransport({
      [master]: { fail_msg: null, offline: false, payload: '{}' },
    });
    const run = runOnMaster({ transport, config });
    expect(await run('hail', '{"a":1}', signal)).toEqual({ exitCode: 0, stdout: '{}', stderr: '' });
    const { allocatorParams = {} } = config.cluster;
    expect(transport.calls[0]?.wire(master)).toEqual(['hail', '{"a":1}', allocatorParams]);
  });

  test('is told as a verdict if it does not run', async () => {
    const transport = new RecordedTransport({ [master]: FAILED });
    const error: unknown = await runOnMaster({ transport, config })('hail', '{}', signal).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(PrereqError);
    expect(error).toMatchObject({ about: 'verdict' });
  });
});

describe('a mirrored disk', () => {
  test('looks the other way round from its other node', async () => {
    const recorded = SAMPLE.calls.find(({ procedure, args }) => {
      const [disk] = (args['bdev'] ?? []) as [{ dev_type?: string }?];
      return procedure === 'blockdev_wipe' && disk?.dev_type === 'drbd';
    });
    if (recorded === undefined) throw new Error('the sample has no mirrored disk');
    const { call } = await replayed(recorded);
    const [disk] = opened(recorded.args['bdev']) as [
      { logical_id: [NodeId, NodeId, ...unknown[]] },
    ];
    const [here, there] = disk.logical_id;
    const seen = [here, there].map((node) => {
      const [sent] = call.wire(node) as [{ dynamic_params: Record<string, unknown> }];
      return sent.dynamic_params;
    });
    expect(seen[0]?.['local-ip']).toBe(seen[1]?.['remote-ip']);
    expect(seen[1]?.['local-ip']).toBe(seen[0]?.['remote-ip']);
    expect(seen[0]?.['local-minor']).toBe(seen[1]?.['remote-minor']);
  });
});

/** Some instance: what it is does not matter. */
function anyRuntime(): RuntimeInstance {
  const recorded = firstOf('instance_shutdown');
  const json = opened(recorded.args['instance']) as Readonly<Record<string, unknown>>;
  return runtimeOf(json, [], config);
}
