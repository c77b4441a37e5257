/**
 * Disks: what was asked for, how much space they take, where they lie.
 */
import { ProgrammerError } from '../../../src/errors.js';
import { encodeDisk } from '../../../src/ganeti/objects/disk.js';
import type { GivenDisk } from '../../../src/instance-create/args/disk-params.js';
import { computeDisks, readDisks } from '../../../src/instance-create/args/disks.js';
import { fileStorageDir } from '../../../src/instance-create/args/file-storage-dir.js';
import { layOut } from '../../../src/instance-create/disk-layouts/disk-layouts.js';
import type { DiskReservations } from '../../../src/instance-create/disk-layouts/layout.js';
import {
  diskSpaceTotal,
  requiredSpacePerGroup,
} from '../../../src/instance-create/prereq/space.js';
import { checkSpindles } from '../../../src/instance-create/prereq/spindles.js';
import type { DiskSpec } from '../../../src/instance-create/wishes.js';
import type { Cluster } from '../../../src/model/cluster.js';
import { logicalDiskParams, partParams } from '../../../src/model/disk-params.js';
import { DISK_TEMPLATE_FACTS, type DiskTemplate } from '../../../src/model/disk-template.js';
import type { InstanceId, NodeId } from '../../../src/model/ids.js';
import { newCluster } from '../../../src/model/new-objects.js';
import type { Params } from '../../../src/model/params.js';
import { Secret } from '../../../src/model/secret.js';
import { SeededIds } from '../../../src/testing/seeded-ids.js';
import type { FunctionArgs, FunctionTable } from './types.js';

type Wire = Readonly<Record<string, string | number | null>>;

const OWN: ReadonlySet<string> = new Set([
  'size',
  'mode',
  'name',
  'adopt',
  'vg',
  'metavg',
  'access',
  'spindles',
  'provider',
]);

/** The functions. */
export const TABLE: FunctionTable = {
  ComputeDisks: (args) => {
    const template = args.get<DiskTemplate>('disk_template');
    const given = args.get<readonly Wire[]>('disks').map(givenDisk);
    const specs = computeDisks(given, template, { volumeGroup: args.get('default_vg') });
    return specs.map((spec) => wireOf(spec, template));
  },
  CalculateFileStorageDir: (args, context) =>
    fileStorageDir(
      args.get('disk_type'),
      args.get('instance_name'),
      args.maybe('file_storage_dir'),
      {
        fileStorageDir: context.get('file'),
        sharedFileStorageDir: context.get('sharedfile'),
        glusterStorageDir: context.get('gluster'),
      },
    ),
  CheckSpindlesExclusiveStorage: (args) => {
    const { spindles } = args.get<{ readonly spindles?: number | null }>('diskdict');
    const isOpen = spindles === undefined || spindles === null;
    // Creations always require them; a row about others says only that nothing is wrong.
    if (isOpen && args.get('required') !== true) return;
    checkSpindles([isOpen ? {} : { spindles }], 'plain', args.get('es_flag'));
  },
  'Disk.ComputeLDParams': (args) => {
    const template = args.get<DiskTemplate>('disk_template');
    const params = args.get<Readonly<Record<string, Params>>>('disk_params')[template] ?? {};
    return [logicalDiskParams(template, params, {}), ...partParams(template, params)];
  },
  ComputeDiskSizePerVG: (args) => {
    const specs = args.get<readonly { size: number; vg: string }[]>('disks');
    const needs = requiredSpacePerGroup(
      args.get('disk_template'),
      specs.map(({ size, vg }) => ({ sizeMib: size, volumeGroup: vg })),
    );
    return Object.fromEntries(needs);
  },
  ComputeDiskSize: (args) => {
    const disks = args.get<readonly { size: number; dev_type?: DiskTemplate }[]>('disks');
    return disks.reduce((sum, { size, dev_type: template }) => {
      if (template === undefined) throw new Error('a disk without template');
      return sum + diskSpaceTotal(template, [{ sizeMib: size }]);
    }, 0);
  },
  GenerateDiskTemplate: (args, context) => generate(args, context),
};

function givenDisk(wire: Wire): GivenDisk {
  const given = Object.entries(wire).filter(([, value]) => value !== null);
  const own = given.filter(([key]) => OWN.has(key));
  const others = given.filter(([key]) => !OWN.has(key)) as [string, string | number][];
  const providerParams = others.length === 0 ? {} : { providerParams: Object.fromEntries(others) };
  return { ...(Object.fromEntries(own) as GivenDisk), ...providerParams };
}

function wireOf(spec: DiskSpec, template: DiskTemplate): object {
  const { sizeMib: size, volumeGroup: vg = null, name = null, metaVolumeGroup, ...others } = spec;
  const { providerParams, ...same } = others;
  const metavg = metaVolumeGroup === undefined ? {} : { metavg: metaVolumeGroup };
  return { ...providerParams, ...same, size, vg, name, dev_type: template, ...metavg };
}

/** Fresh ids and secrets; minors and ports one after another from where the recording begins. */
function reservationsOf(context: FunctionArgs): DiskReservations {
  const counters = { ...context.get<Readonly<Record<string, number>>>('counters') };
  const ids = new SeededIds();
  const next = (name: string): number => {
    const now = counters[name] ?? 0;
    counters[name] = now + 1;
    return now;
  };
  return {
    drawId: () => ids.uuid(),
    drawMinor: () => next('drbd_minor'),
    drawPort: () => next('port'),
    drawSecret: (bytes) => new Secret(ids.hex(bytes)),
    volume: () => undefined,
  };
}

function generate(args: FunctionArgs, context: FunctionArgs): unknown {
  const template = args.get<DiskTemplate>('template_name');
  const nodes = [
    args.get<string>('primary_node_uuid'),
    ...args.get<readonly string[]>('secondary_node_uuids'),
  ] as NodeId[];
  if (!context.get<readonly string[]>('enabled_disk_templates').includes(template)) {
    readDisks({ diskTemplate: template, disks: [] }, clusterOf(context));
  }
  if (nodes.length !== 1 + DISK_TEMPLATE_FACTS[template].secondaries) {
    throw new ProgrammerError('the creation never comes here with other nodes');
  }
  const driver = args.maybe<'loop'>('file_driver');
  const directory = args.maybe<string>('file_storage_dir');
  const cluster = {
    ...clusterOf(context),
    diskParams: args.get<Cluster['diskParams']>('full_disk_params'),
  };
  const given = args.get<readonly Wire[]>('disk_info').map((disk) => givenDisk(disk));
  const disks = layOut(template, computeDisks(given, template, cluster), {
    instanceId: args.get<InstanceId>('instance_uuid'),
    nodes,
    ...(directory === undefined ? {} : { fileStorageDir: directory }),
    driver: driver ?? 'loop',
    cluster,
    reserve: reservationsOf(context),
    baseIndex: args.get('base_index'),
    forthcoming: args.get('forthcoming'),
  });
  return disks.map((disk) => encodeDisk(disk));
}

function clusterOf(context: FunctionArgs): Cluster {
  return newCluster({
    id: 'c',
    name: 'c',
    masterNode: 'n' as NodeId,
    volumeGroup: context.get('vg_name'),
    enabledDiskTemplates: context.get('enabled_disk_templates'),
  });
}
