/**
 * Creations on real nodes: what is made is there, hooks see what Ganeti's own show, and after the
 * removal nothing is left on any node.
 */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { LUInstanceStart, LUInstanceStop, type Network, type NetworkId } from '../../src/index.js';
import { whereOf } from '../../src/model/disk.js';
import { bootSector } from '../local/qemu/boot-sector.js';
import { Bed } from './bed.js';
import {
  CAPTURES,
  captured,
  type Env,
  forgetSeen,
  masked,
  putDumpHooks,
  seenOn,
} from './captures.js';
import { defineOs } from './os.js';
import { nameOf, onBridge, Site } from './site.js';

const MIB = 1024 * 1024;

const NET1: Network = {
  id: '75c3f663-a395-42ae-ac39-fef72c353363' as NetworkId,
  name: 'net1',
  cidr: '10.20.30.0/24',
  gateway: '10.20.30.1',
  // As `gnt-network add` reserves them: the network's own addresses, and the gateway's.
  reservedIps: ['10.20.30.0', '10.20.30.1', '10.20.30.255'],
  tags: [],
  serial: 1,
  createdAtMs: 0,
  modifiedAtMs: 0,
};

let bed: Bed;
let site: Site;

beforeAll(async () => {
  bed = await Bed.start();
  for (const node of bed.nodes) {
    await putDumpHooks(node);
    await defineOs(node, 'dumpos', 'exit 0', ['v1', 'v2']);
  }
  site = await Site.open(bed, { networks: [NET1] });
});

afterEach(async () => {
  // What a failed test has left must not fail the next one.
  for (const { name } of [...site.cluster.config.all('instance')]) await site.remove(name);
  for (const node of bed.nodes) await forgetSeen(node);
});

afterAll(async () => {
  await site.close();
  await bed.stop();
});

/** The places of an instance's disks, seen from here. */
function placesOf(name: string, number: number): readonly string[] {
  const { config } = site.cluster;
  const instance = config.findInstance(name);
  if (instance === undefined) throw new Error(`${name} is not in the configuration`);
  return config.disksOf(instance).map(({ location }) => bed.node(number).at(whereOf(location)));
}

describe('hooks of a creation', () => {
  const cases = [
    {
      name: 'diskless',
      number: 2,
      op: {
        instanceName: 'mi2.example.com',
        diskTemplate: 'diskless',
        disks: [],
        start: false,
      },
    },
    {
      name: 'file',
      number: 1,
      op: {
        instanceName: 'mi1.example.com',
        osType: 'dumpos+v2',
        nics: [{ network: 'net1', ip: 'pool' }],
        tags: ['t1'],
      },
    },
    {
      name: 'sharedfile',
      number: 3,
      op: {
        instanceName: 'mi3.example.com',
        diskTemplate: 'sharedfile',
        disks: [{ size: '16M' }, { size: '32M' }],
        osType: 'dumpos+v1',
        beParams: { memoryMib: 512, vcpus: 2, spindleUse: 2 },
        nics: [
          { mode: 'bridged', link: 'br0' },
          { mode: 'routed', link: '100', ip: '10.99.0.9' },
        ],
        tags: ['a:1', 'b:2'],
      },
    },
  ] as const;

  test.each(cases)('on $name disks see what Ganeti shows, on every node', async (given) => {
    const { name, number, op } = given;
    await site.create({ ...op, pnode: nameOf(number) });
    const recorded = CAPTURES[name] ?? {};
    // The node that leads and the primary one; no other has seen anything.
    expect(Object.keys(recorded)).toEqual([...new Set(['m1', `m${number}`])]);
    for (const [index, node] of bed.nodes.entries()) {
      for (const phase of ['pre', 'post'] as const) {
        const before = recorded[`m${index + 1}`]?.[phase];
        const now = await seenOn(node, phase);
        expectSame(now?.env, before?.env);
        expect({ ...now, env: {} }).toEqual({ ...before, env: {} });
      }
    }
    await site.remove(op.instanceName);
    expect(await site.remains()).toEqual([]);
  });

  /** Variable by variable, so that a failure names the one that differs. */
  function expectSame(now: Env | undefined, before: Env | undefined): void {
    const [ours, theirs] = [masked(now ?? {}), masked(before ?? {})];
    for (const [key, value] of Object.entries(theirs)) {
      expect(`${key}=${ours[key]}`).toBe(`${key}=${value}`);
    }
    expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort());
  }
});

describe('an instance on the fake hypervisor', () => {
  test('without disks runs, stops, starts again and goes', async () => {
    const instanceName = 'bare.example.com';
    await site.create({
      instanceName,
      diskTemplate: 'diskless',
      disks: [],
      pnode: nameOf(3),
      beParams: { memoryMib: 256, vcpus: 2 },
    });
    expect(await site.running(3)).toEqual([instanceName]);
    expect(await site.running(1)).toEqual([]);
    await site.cluster.run(new LUInstanceStop(), { instanceName, graceMs: 1_000 });
    expect(await site.running(3)).toEqual([]);
    await site.cluster.run(new LUInstanceStart(), { instanceName });
    expect(await site.running(3)).toEqual([instanceName]);
    await site.remove(instanceName);
    expect(await site.running(3)).toEqual([]);
    expect(await site.remains()).toEqual([]);
  });

  test('has two disks, an OS, and cards on the bridge of its node', async () => {
    const instanceName = 'disks.example.com';
    await site.create({
      instanceName,
      disks: [{ size: '64M' }, { size: '32M', mode: 'ro', name: 'data' }],
      nics: [
        { mode: 'bridged', link: 'br0' },
        { mode: 'bridged', link: 'br0' },
      ],
      pnode: nameOf(2),
    });
    const places = placesOf(instanceName, 2);
    const sizes = await Promise.all(places.map(async (place) => (await stat(place)).size));
    expect(sizes).toEqual([64 * MIB, 32 * MIB]);
    expect(await site.running(2)).toEqual([instanceName]);
    const logs = await bed.node(2).list('/var/log/ganeti/os');
    expect(logs.filter((log) => log.includes(`noop-${instanceName}`))).toHaveLength(1);
    // Links to the disks, as the hypervisor opens them.
    expect(await bed.node(2).list('/var/run/ganeti/instance-disks')).toHaveLength(2);
    await site.remove(instanceName);
    expect(await site.remains()).toEqual([]);
  });

  test('lies in directories that are made for it, and go with it', async () => {
    const instanceName = 'deep.example.com';
    await site.create({ instanceName, fileStorageDir: 'a/b', start: false });
    expect((await bed.remains()).length).toBeGreaterThan(3);
    await site.remove(instanceName);
    expect(await site.remains()).toEqual([]);
  });

  test('is not made on a bridge that its node does not have', async () => {
    const made = site.create({ instanceName: 'no.example.com', nics: [{ link: 'br7' }] });
    await expect(made).rejects.toThrow(/br7/);
    expect(await site.remains()).toEqual([]);
  });

  test('is not made with an OS that its node does not have', async () => {
    const made = site.create({ instanceName: 'no.example.com', osType: 'none' });
    await expect(made).rejects.toMatchObject({ kind: 'prereq', code: 'unknown_entity' });
    expect(await site.remains()).toEqual([]);
  });

  test('does not touch what lies in its place', async () => {
    const instanceName = 'taken.example.com';
    const mine = `/srv/ganeti/file-storage/${instanceName}/mine`;
    await bed.node(1).script(mine, 'precious');
    await site.create({ instanceName, start: false });
    await site.remove(instanceName);
    expect(await readFile(bed.node(1).at(mine), 'utf8')).toBe('precious');
    await bed.node(1).clear(`/srv/ganeti/file-storage/${instanceName}`);
    expect(await site.remains()).toEqual([]);
  });
});

describe('the contents of disks', () => {
  test('are zeros where disks are wiped, then an image from a file', async () => {
    const wiping = await Site.open(bed, { wipeDisks: true });
    const image = Buffer.alloc(3 * MIB, 'an image that is shorter than its disk ');
    await writeFile(bed.node(1).at('/srv/ganeti/image.raw'), image);
    const instanceName = 'imaged.example.com';
    await wiping.create({
      instanceName,
      disks: [{ size: '24M' }, { size: '12M' }],
      osType: 'noop',
      osParams: { 'os-image': '/srv/ganeti/image.raw' },
      start: false,
    });
    const { config } = wiping.cluster;
    const disks = [...config.all('disk')].sort((a, b) => a.index - b.index);
    const contents = await Promise.all(
      disks.map(({ location }) => readFile(bed.node(1).at(whereOf(location)))),
    );
    expect(contents.map(({ length }) => length)).toEqual([24 * MIB, 12 * MIB]);
    expect(contents[0]?.subarray(0, image.length).equals(image)).toBe(true);
    expect(contents[0]?.subarray(image.length).every((byte) => byte === 0)).toBe(true);
    expect(contents[1]?.every((byte) => byte === 0)).toBe(true);
    // Written, not only left empty: a sparse file would take no room.
    const { blocks } = await stat(bed.node(1).at(whereOf(disks[1]?.location ?? never())));
    expect(blocks * 512).toBeGreaterThanOrEqual(12 * MIB);
    await wiping.remove(instanceName);
    expect(await wiping.remains()).toEqual([]);
    await wiping.close();
  });
});

describe('an instance on QEMU', () => {
  test('boots from the disk that the calls have filled, with a card on the bridge', async () => {
    const node = bed.node(2);
    const [greeting, serial] = ['hello from the image', '/var/log/ganeti/kvm/serial.txt'];
    const disk = Buffer.alloc(MIB);
    bootSector({ greeting }).copy(disk);
    await writeFile(node.at('/srv/ganeti/boot.raw'), disk);
    const instanceName = 'kvm1.example.com';
    await site.create({
      instanceName,
      hypervisor: 'kvm',
      osParams: { 'os-image': '/srv/ganeti/boot.raw' },
      pnode: nameOf(2),
      beParams: { memoryMib: 64 },
      hvParams: {
        kernel_path: '',
        kvm_path: '/usr/bin/qemu-system-x86_64',
        kvm_extra: `-chardev file,id=out,path=${serial} -device isa-serial,chardev=out,index=0`,
        serial_console: false,
        acpi: true,
      },
    });
    expect(await site.running(2)).toEqual([instanceName]);
    expect(await onBridge(node)).toHaveLength(1);
    await expect
      .poll(() => readFile(node.at(serial), 'utf8').catch(() => ''), { timeout: 60_000 })
      .toContain(greeting);
    await site.cluster.run(new LUInstanceStop(), { instanceName, graceMs: 20_000 });
    expect(await site.running(2)).toEqual([]);
    expect(await onBridge(node)).toEqual([]);
    await site.remove(instanceName);
    expect(await site.remains()).toEqual([]);
  });

  test("shows its hooks Ganeti's variables", async () => {
    await site.create({
      instanceName: 'kvm1.example.com',
      hypervisor: 'kvm',
      beParams: { memoryMib: 128 },
      nics: [{ mode: 'bridged', link: 'br0' }],
      hvParams: { kernel_path: '', boot_order: 'disk', acpi: true, serial_console: false },
      start: false,
    });
    const recorded = captured('kvm');
    for (const phase of ['pre', 'post'] as const) {
      const now = masked((await seenOn(bed.node(1), phase))?.env ?? {});
      const before = masked(recorded[phase]);
      const ours = Object.keys(now).filter((key) => now[key] !== before[key]);
      const other = /_(CLUSTER|MASTER|INSTANCE_PRIMARY|INSTANCE_STATUS|HV_vnc_bind_address)$/;
      expect(ours.filter((key) => !other.test(key))).toEqual([]);
      expect(Object.keys(now).sort()).toEqual(Object.keys(before).sort());
    }
    await site.remove('kvm1.example.com');
    expect(await site.remains()).toEqual([]);
  });
});

function never(): never {
  throw new Error('there is no such disk');
}
