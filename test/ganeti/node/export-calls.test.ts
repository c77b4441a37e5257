/**
 * What node daemons are told about copies and exports, and what their answers mean.
 */
import { describe, expect, test } from 'vitest';
import { GanetiNodes } from '../../../src/ganeti/node/ganeti-nodes.js';
import {
  type NodeAnswer,
  type NodeCall,
  type NodeTransport,
  revealArguments,
} from '../../../src/ganeti/node/transport.js';
import { planSnapshots } from '../../../src/lus/export/snapshots.js';
import { runtimeOf } from '../../../src/lu-helpers.js';
import type { Disk } from '../../../src/model/disk.js';
import type { NodeId } from '../../../src/model/ids.js';
import type { RuntimeInstance } from '../../../src/ports/runtime.js';
import { nodeIdOf } from '../../../src/testing/make.js';
import { openLab } from '../../lus/export-support.js';

interface Told {
  readonly nodes: GanetiNodes;
  readonly calls: readonly NodeCall[];
  readonly runtime: RuntimeInstance;
  readonly node: NodeId;
  /** The disk, and its copy as it is planned. */
  readonly disk: Disk;
  readonly snapshot: Disk;
}

/** An instance of a kind of storage, and daemons that answer always the same. */
async function told(diskTemplate: 'plain' | 'drbd' | 'ext', answer: NodeAnswer): Promise<Told> {
  const snode = diskTemplate === 'drbd' ? { snode: 'node2' } : {};
  const provider = diskTemplate === 'ext' ? { provider: 'box' } : {};
  const disks = [{ size: 64, name: 'root', ...provider }];
  const { cluster } = await openLab({ instance: { diskTemplate, disks, ...snode } });
  const { config } = cluster;
  const calls: NodeCall[] = [];
  const transport: NodeTransport = {
    call: (call) => {
      calls.push(call);
      return Promise.resolve(new Map(call.nodes.map(({ id }) => [id, answer])));
    },
  };
  const instance = config.findInstance('web1');
  if (instance === undefined) throw new Error('there is no web1');
  const runtime = runtimeOf(config, instance);
  const node = nodeIdOf('node1');
  const [disk] = runtime.disks;
  const [snapshot] = planSnapshots(runtime.disks, node, config.reservations('test'));
  if (disk === undefined || snapshot === undefined) throw new Error('there is no disk');
  return { nodes: new GanetiNodes({ transport, config }), calls, runtime, node, disk, snapshot };
}

/** The arguments as they travel. */
function wireOf({ calls: [call], node }: Told): readonly unknown[] {
  return JSON.parse(JSON.stringify(revealArguments(call?.wire(node) ?? []))) as unknown[];
}

function volumeOf({ location }: Disk): readonly [string, string] {
  if (location.kind === 'lvm') return [location.volumeGroup, location.volume];
  return location.kind === 'ext' ? [location.provider, location.volume] : ['', ''];
}

describe('a copy of a disk', () => {
  test.each(['plain', 'drbd', 'ext'] as const)('should have a name of ours (%s)', async (kind) => {
    const { snapshot } = await told(kind, { ok: true, payload: [] });
    const place = volumeOf(snapshot);
    const all = await told(kind, { ok: true, payload: place });
    const { disk, runtime } = all;
    const reply = await all.nodes.snapshotDisk(all.node, { disk, snapshot: all.snapshot, runtime });
    expect(reply).toEqual({ ok: true, payload: undefined });
    expect(all.calls[0]).toMatchObject({ procedure: 'blockdev_snapshot', multi: false });
    expect(wireOf(all)).toEqual([
      expect.objectContaining({ dev_type: kind, uuid: disk.id, size: 64 }),
      place[1],
      null,
    ]);
    expect(place[1]).toMatch(/\.snap$/);
    expect(snapshot.template).toBe(kind === 'ext' ? 'ext' : 'plain');
  });

  test('should be a failure when it lies somewhere else', async () => {
    const { nodes, node, ...request } = await told('plain', { ok: true, payload: ['vg', 'x'] });
    const reply = await nodes.snapshotDisk(node, request);
    expect(reply).toMatchObject({ ok: false, failure: 'failed' });
    expect(reply.ok ? '' : reply.message).toMatch(/lies in vg\/x, not in lvm:xenvg\/.*\.snap/);
  });

  test('should be removed as a volume by itself', async () => {
    const all = await told('drbd', { ok: true, payload: null });
    const { snapshot, runtime } = all;
    await all.nodes.removeDisk(all.node, { disk: snapshot, runtime });
    const [wire] = wireOf(all) as [Readonly<Record<string, unknown>>];
    expect(wire).toMatchObject({ dev_type: 'plain', logical_id: volumeOf(snapshot), size: 64 });
    expect(Object.keys(wire)).not.toContain('children');
  });
});

describe('an export', () => {
  test('should be finished with the whole instance, and its disks by name and place', async () => {
    const all = await told('plain', { ok: true, payload: null });
    const { nodes, node, runtime, snapshot } = all;
    await nodes.finalizeExport(node, { runtime, disks: [snapshot] });
    expect(all.calls[0]?.procedure).toBe('finalize_export');
    const [instance, disks] = wireOf(all) as [Readonly<Record<string, unknown>>, unknown];
    expect(instance).toMatchObject({ name: 'web1.example.com', hypervisor: 'kvm' });
    expect(Object.keys(instance['beparams'] as object)).toContain('always_failover');
    expect(disks).toEqual([
      expect.objectContaining({ uuid: snapshot.id, iv_name: 'disk/0', name: 'root', size: 64 }),
    ]);
  });

  const answers: readonly (readonly [string, NodeAnswer, boolean])[] = [
    ['it was removed', { ok: true, payload: null }, true],
    ['it was not there', refused("[Errno 2] No such file or directory: '/x'"), true],
    ['it may not be removed', refused("[Errno 30] Read-only file system: '/x'"), false],
    ['nobody answers', { ok: false, failure: 'unreachable', message: '[Errno 2]' }, false],
  ];

  test.each(answers)('should be gone, or not: %s', async (_, answer, isGone) => {
    const all = await told('plain', answer);
    const reply = await all.nodes.removeExport(all.node, { name: 'web1.example.com.new' });
    expect(reply.ok).toBe(isGone);
    expect(all.calls[0]?.procedure).toBe('export_remove');
    expect(wireOf(all)).toEqual(['web1.example.com.new']);
  });
});

function refused(message: string): NodeAnswer {
  return { ok: false, failure: 'failed', message: `Error while removing the export: ${message}` };
}
