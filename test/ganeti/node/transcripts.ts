/**
 * Transcripts of calls to a real node daemon, and the domain calls that make each of them again.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { GanetiNodes } from '../../../src/ganeti/node/ganeti-nodes.js';
import { runOnMaster } from '../../../src/ganeti/node/allocator-runner.js';
import type { NodeTransport } from '../../../src/ganeti/node/transport.js';
import { decodeNetwork } from '../../../src/ganeti/objects/network.js';
import type { Disk } from '../../../src/model/disk.js';
import type { HypervisorName } from '../../../src/model/hypervisor.js';
import type { InstanceId, NodeId } from '../../../src/model/ids.js';
import type { Params } from '../../../src/model/params.js';
import type { ConfigReader } from '../../../src/ports/config-store.js';
import type { StorageUnit } from '../../../src/ports/node-facts.js';
import { answered, failed } from '../../../src/ports/reply.js';
import type { RuntimeInstance } from '../../../src/ports/runtime.js';
import { ownDiskOf, runtimeOf } from './decoded.js';
import { comparable, type Json } from './recorded.js';

/** A call as it went over the wire, and the daemon's answer. */
export interface Transcript {
  readonly from: string;
  readonly procedure: string;
  readonly body: readonly unknown[];
  readonly answer: readonly [boolean, unknown];
}

/** An object as Ganeti's own encoder writes it. */
export interface Layout {
  readonly from: string;
  readonly object: Json;
}

const FILE = new URL('../../fixtures/ganeti/node-transcripts.jsonl.gz', import.meta.url);

const LINES = gunzipSync(readFileSync(FILE))
  .toString('utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Transcript | Layout);

export const TRANSCRIPTS = LINES.filter((line): line is Transcript => 'procedure' in line);
export const LAYOUTS = LINES.filter((line): line is Layout => 'object' in line);

/** What domain calls are made with. */
interface Parts {
  readonly on: GanetiNodes;
  readonly transport: NodeTransport;
  readonly config: ConfigReader;
  readonly node: NodeId;
}

type Call = (parts: Parts, ...body: never[]) => Promise<unknown>;

const CALLS: Readonly<Record<string, Call>> = {
  node_info: (
    { on, node },
    units: [StorageUnit['kind'], string][] | null,
    [[hypervisor, hvParams]]: [[HypervisorName, Params]],
  ) => {
    const storage = (units ?? []).map(([kind, key]) => ({ kind, key }));
    return on.nodeInfo([node], { storage, hypervisor, hvParams });
  },
  all_instances_info: ({ on, node }, hypervisors: HypervisorName[], hvParams: Json) =>
    on.allInstances([node], { hypervisors, hvParams: hvParams }),
  instance_list: ({ on, node }, hypervisors: HypervisorName[]) =>
    on.runningInstances(node, { hypervisors }),
  instance_info: ({ on, node }, name: string, hypervisor: HypervisorName, hvParams: Params) =>
    on.instanceStatus(node, { name, hypervisor, hvParams }),
  hypervisor_validate_params: ({ on, node }, hypervisor: HypervisorName, params: Params) =>
    on.validateHypervisor([node], { hypervisor, params }),
  os_diagnose: ({ on, node }) => on.findOs(node, { os: 'noop' }),
  os_validate: (
    { on, node },
    _required: boolean,
    os: string,
    _checks: unknown,
    values: Readonly<Record<string, string>>,
    forceVariant: boolean,
  ) => {
    const params = { public: values, private: {}, secret: {} };
    return on.validateOs([node], { os, params, forceVariant });
  },
  bridges_exist: ({ on, node }, bridges: string[]) => on.bridgesExist(node, { bridges }),
  vg_list: ({ on, node }) => on.volumeGroups(node, {}),
  lv_list: ({ on, node }, groups: string[]) => on.volumes(node, { groups }),
  bdev_sizes: ({ on, node }, paths: string[]) => on.deviceSizes(node, { paths }),
  export_list: ({ on, node }) => on.listExports([node], {}),
  export_info: ({ on, node }, path: string) => on.exportInfo(node, { path }),
  hooks_runner: (
    { on, node },
    path: string,
    phase: 'pre' | 'post',
    env: Readonly<Record<string, string>>,
  ) => on.runHooks([node], { path, phase, env }),
  iallocator_runner: async ({ transport, config }, name: string, json: string) => {
    const run = runOnMaster({ transport, config });
    const { signal } = new AbortController();
    return run(name, json, signal).then(answered, (error: Error) => failed(error.message));
  },
  get_file_info: ({ on, node }, path: string) => on.fileFacts(node, { path }),
  file_storage_dir_create: ({ on, node }, path: string) => on.createStorageDir(node, { path }),
  file_storage_dir_remove: ({ on, node }, path: string) => on.removeStorageDir(node, { path }),
  blockdev_create: (
    parts,
    json: Json,
    _size: number,
    owner: string,
    onPrimary: boolean,
    info: string,
    exclusiveStorage: boolean,
  ) => {
    const disk = ownDiskOf(json, OWNER, parts.config);
    const request = { disk, owner, info, onPrimary, exclusiveStorage };
    return parts.on.createDisk(parts.node, request);
  },
  blockdev_remove: ({ on, node, config }, json: Json) =>
    on.removeDisk(node, { disk: ownDiskOf(json, OWNER, config) }),
  blockdev_wipe: ({ on, node, config }, json: Json, offsetMib: number, lengthMib: number) =>
    on.wipeDisk(node, { disk: wholeDisk(json, config), offsetMib, lengthMib }),
  blockdev_image: ({ on, node, config }, json: Json, image: string) => {
    const disk = wholeDisk(json, config);
    return on.imageDisk(node, { disk, image, runtime: runtimeWith([disk], config) });
  },
  blockdev_close: ({ on, node, config }, name: string, list: Json[]) => {
    const { instance, ...others } = runtimeWith(
      list.map((json) => wholeDisk(json, config)),
      config,
    );
    const runtime = { ...others, instance: { ...instance, name } };
    const { hypervisor, hvParams } = runtime;
    const request = { name, hypervisor, hvParams, graceMs: 0, runtime, halfStarted: true } as const;
    return on.stopInstance(node, request);
  },
  blockdev_shutdown: ({ on, node, config }, json: Json) => {
    const disk = wholeDisk(json, config);
    return on.shutdownDisk(node, { disk, runtime: runtimeWith([disk], config) });
  },
  blockdev_assemble: ({ on, node, config }, json: Json, owner: Json, onPrimary: boolean) =>
    on.assembleDisk(node, {
      disk: wholeDisk(json, config),
      runtime: runtimeOn(owner, config),
      onPrimary,
    }),
  blockdev_getmirrorstatus: ({ on, node, config }, all: Json[]) => {
    const disks = all.map((json) => wholeDisk(json, config));
    return on.mirrorStatus(node, { disks, runtime: runtimeWith(disks, config) });
  },
  blockdev_pause_resume_sync: ({ on, node, config }, all: Json[], pause: boolean) => {
    const disks = all.map((json) => wholeDisk(json, config));
    return on.pauseSync(node, { disks, runtime: runtimeWith(disks, config), pause });
  },
  instance_os_add: ({ on, node, config }, json: Json, reinstall: boolean) =>
    on.installOs(node, { runtime: runtimeOn(json, config), reinstall }),
  instance_run_rename: ({ on, node, config }, json: Json, oldName: string) =>
    on.renameOs(node, { runtime: runtimeOn(json, config), oldName }),
  instance_start: ({ on, node, config }, json: Json, paused: boolean) =>
    on.startInstance(node, { runtime: runtimeOn(json, config), paused }),
  instance_shutdown: ({ on, node, config }, json: Json, graceS: number) => {
    const runtime = runtimeOn(json, config);
    const { instance, hypervisor, hvParams } = runtime;
    const request = { name: instance.name, hypervisor, hvParams, graceMs: graceS * 1000, runtime };
    return on.stopInstance(node, request);
  },
};

/** Makes the domain call of a transcript. */
export function callAgain({ procedure, body }: Transcript, parts: Parts): Promise<unknown> {
  const call = CALLS[procedure];
  if (call === undefined) throw new Error(`no call of ours is ${procedure}`);
  return call(parts, ...(body as never[]));
}

/** Whether a call of ours makes this procedure call. */
export function isOurs({ procedure }: Transcript): boolean {
  return procedure in CALLS;
}

/** The instance, with the disks that the daemon was told of. */
export function runtimeOn(json: Json, config: ConfigReader): RuntimeInstance {
  const infos = (json['disks_info'] ?? []) as readonly Json[];
  const disks = infos.map((info, index) => ownDiskOf(info, json, config, index) as Disk);
  const runtime = runtimeOf(json, disks, config);
  const told = (json['nics'] ?? []) as readonly Json[];
  const nics = runtime.nics.map((nic, index) => {
    const network = told[index]?.['netinfo'];
    return network === undefined ? nic : { ...nic, network: decodeNetwork(network, []) };
  });
  // Some were told of secondary nodes that no disk of theirs has.
  const secondaryNodes = json['secondary_nodes'] as readonly NodeId[];
  return { ...runtime, instance: { ...runtime.instance, secondaryNodes }, nics };
}

/**
 * For comparing. Daemons take these for the same: no labels and an empty list of them, maps of
 * addresses with and without the free ones at their end, parts of a stored disk with and without
 * its stamps.
 */
export function same(value: unknown): unknown {
  return comparable(
    JSON.parse(JSON.stringify(comparable(value)), (key, inner: unknown) => {
      if (key === 'tags' && Array.isArray(inner) && inner.length === 0) return undefined;
      if (/^(ext_)?reservations$/.test(key)) return String(inner).replace(/0+$/, '');
      if (key !== 'children') return inner;
      return (inner as readonly Json[]).map((part) => ({ ...part, ...NO_STAMPS }));
    }),
  );
}

const NO_STAMPS = { serial_no: null, ctime: null, mtime: null };

const OWNER: Json = { uuid: 'owner' };

function wholeDisk(json: Json, config: ConfigReader): Disk {
  return ownDiskOf(json, OWNER, config) as Disk;
}

/** Some instance that has these disks. */
function runtimeWith(disks: readonly Disk[], config: ConfigReader): RuntimeInstance {
  const [anybody] = LAYOUTS.filter(({ from }) => from.endsWith('instance-fake-diskless'));
  if (anybody === undefined) throw new Error('there is no such layout');
  const runtime = runtimeOf(anybody.object, [], config);
  return { ...runtime, instance: { ...runtime.instance, id: 'owner' as InstanceId }, disks };
}
