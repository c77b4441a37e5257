/**
 * Recorded procedure calls, turned back into the domain calls that should make them.
 */
import type { GanetiNodes } from '../../../src/ganeti/node/ganeti-nodes.js';
import type { Disk } from '../../../src/model/disk.js';
import type { HypervisorName } from '../../../src/model/hypervisor.js';
import type { NodeId } from '../../../src/model/ids.js';
import type { Params } from '../../../src/model/params.js';
import type { ConfigReader } from '../../../src/ports/config-store.js';
import type { StorageUnit } from '../../../src/ports/node-facts.js';
import type { RuntimeInstance } from '../../../src/ports/runtime.js';
import type { TransferEnd, TransferOptions } from '../../../src/ports/transfer.js';
import { diskOf, ownDiskOf, runtimeOf } from './decoded.js';
import { type Json, opened, type RecordedCall } from './recorded.js';

type Texts = Readonly<Record<string, string>>;
type Pair = readonly [Json, Json];

/** Arguments of all procedures; each call has some of them. */
interface Arguments {
  readonly storage_units: Readonly<Record<string, [StorageUnit['kind'], string][]>> | null;
  readonly hv_specs: readonly [HypervisorName, Params][];
  readonly hvname: HypervisorName;
  readonly hname: HypervisorName;
  readonly hvfull: Params;
  readonly hvparams: Params;
  readonly hypervisor_list: readonly HypervisorName[];
  readonly all_hvparams: Readonly<Partial<Record<HypervisorName, Params>>>;
  readonly name: string;
  readonly names: readonly string[];
  readonly path: string;
  readonly file_path: string;
  readonly file_storage_dir: string;
  readonly params: Texts;
  readonly force_variant: boolean;
  readonly bridges_list: readonly string[];
  readonly vg_name: readonly string[];
  readonly devices: readonly string[];
  readonly hpath: string;
  readonly phase: 'pre' | 'post';
  readonly env: Texts;
  readonly override_env: Texts;
  readonly validity: number;
  readonly opts: Json;
  readonly component: string;
  readonly host: string;
  readonly port: number;
  readonly dest: readonly [string, readonly [Pair | string, number?]];
  readonly source: readonly [string, readonly [Pair | string, number?]];
  readonly bdev: Pair;
  readonly disk: Pair;
  readonly disks: readonly [readonly Json[], Json];
  readonly devlist: readonly [Json, readonly [string, string]][];
  readonly instance: Json & string;
  readonly instance_osp: readonly [Json, Texts];
  readonly instance_hvp_bep: readonly [Json, unknown, unknown];
  readonly owner: string;
  readonly info: string;
  readonly image: string;
  readonly old_name: string;
  readonly on_primary: boolean;
  readonly exclusive_storage: boolean;
  readonly reinstall: boolean;
  readonly pause: boolean;
  readonly startup_paused: boolean;
  readonly offset: number;
  readonly size: number;
  readonly idx: number;
  readonly timeout: number;
}

/** A recorded call, taken apart. */
interface Parts {
  readonly on: GanetiNodes;
  readonly config: ConfigReader;
  readonly a: Arguments;
  readonly node: NodeId;
  readonly nodes: readonly NodeId[];
  /** The instance as the node got it, if that was recorded. */
  readonly told: Json | undefined;
}

/** Makes the domain call; answers with its reply or replies. `undefined`: there is none. */
export function replay(
  recorded: RecordedCall,
  on: GanetiNodes,
  config: ConfigReader,
): Promise<unknown> | undefined {
  const a = opened(recorded.args) as Arguments;
  const wire = opened(recorded.wire?.values ?? []) as readonly (Json | null)[];
  const told = wire.find((value) => value?.['disks_info'] !== undefined) ?? undefined;
  const nodes = recorded.nodes.map((text) => config.findNode(text)?.id ?? (text as NodeId));
  const [node] = nodes;
  const name = recorded.procedure.replace(/^call_/, '');
  const call = { ...NODES, ...DISKS, ...SYSTEMS, ...TRANSFERS }[name];
  return node === undefined ? undefined : call?.({ on, config, a, node, nodes, told });
}

type Calls = Readonly<Record<string, (parts: Parts) => Promise<unknown>>>;

const NODES: Calls = {
  node_info: ({ on, a, nodes }) => {
    const [spec] = a.hv_specs;
    const [units = []] = Object.values(a.storage_units ?? {});
    // Spindles are asked for by the adapter itself.
    const asks = units.filter(([kind]) => kind !== 'lvm-pv');
    const storage = asks.map(([kind, key]) => ({ kind, key }));
    const asked = spec === undefined ? {} : { hypervisor: spec[0], hvParams: spec[1] };
    return on.nodeInfo(nodes, { storage, ...asked });
  },
  hypervisor_validate_params: ({ on, a, nodes }) =>
    on.validateHypervisor(nodes, { hypervisor: a.hvname, params: a.hvfull }),
  bridges_exist: ({ on, a, node }) => on.bridgesExist(node, { bridges: a.bridges_list }),
  instance_info: ({ on, a, node }) =>
    on.instanceStatus(node, { name: a.instance, hypervisor: a.hname, hvParams: a.hvparams }),
  all_instances_info: ({ on, a, nodes }) =>
    on.allInstances(nodes, { hypervisors: a.hypervisor_list, hvParams: a.all_hvparams }),
  vg_list: ({ on, node }) => on.volumeGroups(node, {}),
  lv_list: ({ on, a, node }) => on.volumes(node, { groups: a.vg_name }),
  bdev_sizes: ({ on, a, node }) => on.deviceSizes(node, { paths: a.devices }),
  get_file_info: ({ on, a, node }) => on.fileFacts(node, { path: a.file_path }),
  file_storage_dir_create: ({ on, a, node }) =>
    on.createStorageDir(node, { path: a.file_storage_dir }),
  file_storage_dir_remove: ({ on, a, node }) =>
    on.removeStorageDir(node, { path: a.file_storage_dir }),
  hooks_runner: ({ on, a, nodes }) =>
    on.runHooks(nodes, { path: a.hpath, phase: a.phase, env: a.env }),
};

const DISKS: Calls = {
  blockdev_create: ({ on, config, a, node }) => {
    const [json, owner] = a.bdev;
    return on.createDisk(node, {
      disk: ownDiskOf(json, owner, config),
      owner: a.owner,
      info: a.info,
      runtime: ownerOf(a.bdev, config),
      onPrimary: a.on_primary,
      exclusiveStorage: a.exclusive_storage,
    });
  },
  blockdev_remove: ({ on, config, a, node }) => {
    const disk = ownDiskOf(...a.bdev, config);
    return on.removeDisk(node, { disk, runtime: ownerOf(a.bdev, config) });
  },
  blockdev_wipe: ({ on, config, a, node }) =>
    on.wipeDisk(node, {
      disk: diskOf(...a.bdev),
      runtime: ownerOf(a.bdev, config),
      offsetMib: a.offset,
      lengthMib: a.size,
    }),
  blockdev_image: ({ on, config, a, node }) => {
    const runtime = ownerOf(a.bdev, config);
    return on.imageDisk(node, { disk: diskOf(...a.bdev), runtime, image: a.image });
  },
  blockdev_assemble: (parts) => {
    const { on, a, node } = parts;
    const runtime = runtimeIn(parts, a.instance, [diskOf(...a.disk, a.idx)]);
    return on.assembleDisk(node, {
      disk: diskOf(...a.disk, a.idx),
      runtime,
      onPrimary: a.on_primary,
    });
  },
  blockdev_shutdown: ({ on, config, a, node }) =>
    on.shutdownDisk(node, { disk: diskOf(...a.disk), runtime: ownerOf(a.disk, config) }),
  blockdev_getmirrorstatus: ({ on, config, a, node }) => on.mirrorStatus(node, manyOf(a, config)),
  blockdev_pause_resume_sync: ({ on, config, a, node }) =>
    on.pauseSync(node, { ...manyOf(a, config), pause: a.pause }),
  blockdev_rename: ({ on, a, node }) => {
    const renames = a.devlist.map(([json, [, volume]], index) => {
      const now = diskOf(json, {}, index);
      if (now.location.kind !== 'lvm') throw new Error('no volume');
      const disk = { ...now, location: { ...now.location, volume } };
      return { disk, volumeNow: now.location.volume };
    });
    // The instance is not told to the node.
    return on.renameVolumes(node, { runtime: {} as RuntimeInstance, renames });
  },
};

const SYSTEMS: Calls = {
  os_validate: ({ on, a, nodes }) =>
    on.validateOs(nodes, {
      os: a.name,
      params: { public: a.params, private: {}, secret: {} },
      forceVariant: a.force_variant,
    }),
  os_diagnose: ({ on, node }) => on.findOs(node, { os: 'debian' }),
  instance_os_add: (parts) => {
    const [json, secrets] = parts.a.instance_osp;
    const runtime = runtimeIn(parts, json, [], secrets);
    return parts.on.installOs(parts.node, { runtime, reinstall: parts.a.reinstall });
  },
  instance_run_rename: (parts) => {
    const runtime = runtimeIn(parts, parts.a.instance);
    return parts.on.renameOs(parts.node, { runtime, oldName: parts.a.old_name });
  },
  os_export: (parts) => {
    const runtime = runtimeIn(parts, parts.a.instance);
    return parts.on.exportOs(parts.node, { runtime, env: parts.a.override_env });
  },
  instance_metadata_modify: (parts) => {
    const { osparams_secret: secrets, ...json } = parts.a.instance as Json;
    const runtime = runtimeIn(parts, json, [], secrets as Texts);
    return parts.on.publishMetadata(parts.node, { runtime });
  },
  instance_start: (parts) => {
    const [json, overrides] = parts.a.instance_hvp_bep;
    const runtime = runtimeIn(parts, json);
    const purpose = overrides === null ? 'guest' : 'helper';
    return parts.on.startInstance(parts.node, {
      runtime,
      paused: parts.a.startup_paused,
      purpose,
    });
  },
  instance_shutdown: (parts) => {
    const runtime = runtimeIn(parts, parts.a.instance);
    const { instance, hypervisor, hvParams } = runtime;
    const graceMs = parts.a.timeout * 1000;
    const request = { name: instance.name, hypervisor, hvParams, graceMs, runtime };
    return parts.on.stopInstance(parts.node, request);
  },
};

const TRANSFERS: Calls = {
  export_list: ({ on, nodes }) => on.listExports(nodes, {}),
  export_info: ({ on, a, node }) => on.exportInfo(node, { path: a.path }),
  impexp_status: ({ on, a, node }) => on.transferStatus(node, { daemons: a.names }),
  impexp_abort: ({ on, a, node }) => on.abortTransfer(node, { daemon: a.name }),
  impexp_cleanup: ({ on, a, node }) => on.cleanTransfer(node, { daemon: a.name }),
  x509_cert_create: ({ on, a, node }) => on.createCertificate(node, { validityS: a.validity }),
  x509_cert_remove: ({ on, a, node }) => on.removeCertificate(node, { keyName: a.name }),
  import_start: (parts) => {
    const { on, a, node } = parts;
    const into = endOf(a.dest);
    const disks = 'disk' in into ? [into.disk] : [];
    const runtime = runtimeIn(parts, a.instance, disks);
    const { component } = a;
    return on.startImport(node, { options: optionsOf(a.opts), runtime, component, into });
  },
  export_start: (parts) => {
    const { on, a, node } = parts;
    const from = endOf(a.source);
    const runtime = runtimeIn(parts, a.instance);
    const { component, host, port } = a;
    const options = optionsOf(a.opts);
    return on.startExport(node, { options, runtime, component, from, host, port });
  },
};

/** The instance of a disk; the disk is among its own if it says its place. */
function ownerOf([disk, owner]: Pair, config: ConfigReader): RuntimeInstance {
  return runtimeOf(owner, disk['iv_name'] === undefined ? [] : [diskOf(disk, owner)], config);
}

function manyOf({ disks: [all, owner] }: Arguments, config: ConfigReader) {
  const disks = all.map((json, index) => diskOf(json, owner, index));
  return { disks, runtime: runtimeOf(owner, disks, config) };
}

/** The instance with the disks that the node was told of, else with the given ones. */
function runtimeIn(
  { config, told }: Parts,
  json: Json,
  disks: readonly Disk[] = [],
  secrets: Texts = {},
): RuntimeInstance {
  const infos = told?.['disks_info'] as readonly Json[] | undefined;
  const all = infos?.map((info, index) => ownDiskOf(info, json, config, index) as Disk);
  return runtimeOf(json, all ?? disks, config, secrets);
}

function endOf([kind, [first, index]]: Arguments['dest']): TransferEnd {
  if (typeof first === 'string') return { kind: 'file', path: first };
  return { kind: kind === 'script' ? 'script' : 'disk', disk: diskOf(...first, index) };
}

function optionsOf(wire: Json): TransferOptions {
  const options = {
    compress: wire['compress'],
    connectTimeoutS: wire['connect_timeout'],
    magic: wire['magic'],
    keyName: wire['key_name'],
    authority: wire['ca_pem'],
    ipv6: wire['ipv6'],
  };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as unknown as TransferOptions;
}
