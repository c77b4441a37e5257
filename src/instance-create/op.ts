/**
 * The request for a new instance: its fields, and what can be said of them without knowing the
 * cluster. Meaning is given to them in `args/`.
 */
import { z } from 'zod';
import { DISK_TEMPLATES, type DiskTemplate } from '../model/disk-template.js';
import type { FileDriver } from '../model/disk.js';
import { HYPERVISOR_NAMES, type HypervisorName } from '../model/hypervisor.js';
import type { OsParamValue, ParamValue } from '../model/params.js';
import { Secret } from '../model/secret.js';
import type { PlacementRung } from '../ports/reporter.js';

/**
 * How an instance comes to life: `create` from nothing, `import` from an export, `remote-import`
 * from another cluster.
 * @public
 */
export type CreateMode = 'create' | 'import' | 'remote-import';

/**
 * A disk that is wanted.
 * @public
 */
export interface DiskRequest {
  /**
   * A number of MiB, or text: `512` (MiB), `10g`, `1.5T`; rounded up to 4 MiB. Has to be given; of
   * a volume that is taken over any number will do, since its own size counts.
   */
  readonly size?: number | string;
  /** Whether the guest may write, `rw` or `ro`; `rw` if not given. */
  readonly mode?: string;
  /** A name, unique among the instance's disks and not a number; `none` means no name. */
  readonly name?: string;
  /** An existing volume to take over: a logical volume's name, or a device's path. */
  readonly adopt?: string;
  /** Volume group, for storage that has them; the cluster's if not given. */
  readonly vg?: string;
  /** Volume group of the metadata of mirrored disks; the group's if not given. */
  readonly metavg?: string;
  /** How the hypervisor reaches network storage: `kernelspace` or `userspace`. */
  readonly access?: string;
  /** Spindles to take, with exclusive storage. */
  readonly spindles?: number;
  /** Provider of external storage; needed for that, and for nothing else. */
  readonly provider?: string;
  /** The external provider's own parameters. */
  readonly providerParams?: Readonly<Record<string, string | number>>;
}

/**
 * A network card that is wanted.
 * @public
 */
export interface NicRequest {
  /** Hardware address; `auto` and `generate` (the default) draw one. */
  readonly mac?: string;
  /** Address; `none` (the default), or `auto` for the one that the instance's name resolves to. */
  readonly ip?: string;
  /** `bridged`, `routed` or `openvswitch`; the cluster's if not given or `auto`. */
  readonly mode?: string;
  /** Bridge, switch or routing table; the cluster's if not given. */
  readonly link?: string;
  /** The same as `link`, for bridged cards. */
  readonly bridge?: string;
  /** VLAN: `5`, `.5` (untagged), `.5:6` (untagged and trunks) or `:5:6` (trunks). */
  readonly vlan?: string;
  /** A name, unique among the instance's cards and not a number; `none` means no name. */
  readonly name?: string;
  /** Network to join; `none` means none. */
  readonly network?: string;
}

/**
 * The request for a new instance. Fields are those of Ganeti's `OP_INSTANCE_CREATE`, in this
 * library's spelling; what is not given has Ganeti's default.
 * @public
 */
export interface CreateOp {
  /** Host name, short or fully qualified. Upper case becomes lower case. */
  readonly instanceName: string;
  /** How it comes to life. */
  readonly mode: CreateMode;
  /** Its disks, in order; may be empty. */
  readonly disks: readonly DiskRequest[];
  /** Its network cards, in order; may be empty. */
  readonly nics: readonly NicRequest[];
  /** Kind of storage; the first that the cluster enables if not given. */
  readonly diskTemplate?: DiskTemplate;
  /** How disk files are attached; `loop` if not given. */
  readonly fileDriver?: FileDriver;
  /** Directory below the cluster's storage directory, in which the instance's own is made. */
  readonly fileStorageDir?: string;
  /** What runs it; the first that the cluster enables if not given. */
  readonly hypervisor?: HypervisorName;
  /** Hypervisor parameters that differ from the cluster's, under Ganeti's names. */
  readonly hvParams?: Readonly<Record<string, ParamValue>>;
  /**
   * Backend parameters that differ from the cluster's. Sizes may be text (`1g`), `auto` takes the
   * cluster's value of now, `memoryMib` sets `minMemMib` and `maxMemMib` at once.
   */
  readonly beParams?: Readonly<Record<string, ParamValue>>;
  /** OS definition, `debian` or `debian+minimal`. */
  readonly osType?: string;
  /** Public OS parameters. */
  readonly osParams?: Readonly<Record<string, OsParamValue>>;
  /** OS parameters that are kept, but never shown. */
  readonly osParamsPrivate?: Readonly<Record<string, string | Secret<string>>>;
  /** OS parameters that are used once and never kept. */
  readonly osParamsSecret?: Readonly<Record<string, string | Secret<string>>>;
  /** Accept OS variants that the definition does not list; false if not given. */
  readonly forceVariant?: boolean;
  /** Do not run the OS's scripts, and do not start; false if not given. */
  readonly noInstall?: boolean;
  /** Start it in the end; true if not given. */
  readonly start?: boolean;
  /** Primary node, by name or UUID. */
  readonly pnode?: string;
  /** UUID that the primary node must have, if it is given by name as well. */
  readonly pnodeUuid?: string;
  /** UUID that the secondary node must have, if it is given by name as well. */
  readonly snodeUuid?: string;
  /** Secondary node; ignored for storage without mirrors. */
  readonly snode?: string;
  /** Allocator that chooses the nodes; `.` is the cluster's default one. */
  readonly iallocator?: string;
  /** The only node group that the allocator may choose from. */
  readonly groupName?: string;
  /** With an allocator: take only those node locks that are free; false if not given. */
  readonly opportunisticLocking?: boolean;
  /**
   * With an allocator: on which rung of the ladder to begin; the next ones are tried if there is no
   * place. If not given, `opportunistic` with `opportunisticLocking`, else what the host begins
   * with (`Compatibility.placement`).
   */
  readonly placementRung?: PlacementRung;
  /** Look the name up, and use what the resolver says; true if not given. */
  readonly nameCheck?: boolean;
  /** Refuse if something answers at the name's address; true if not given. */
  readonly ipCheck?: boolean;
  /** Refuse addresses that belong to a network which the card is not in; true if not given. */
  readonly conflictsCheck?: boolean;
  /** Accept what the group's policy forbids; false if not given. */
  readonly ignoreIpolicy?: boolean;
  /** Do not keep values that equal the cluster's of now; false if not given. */
  readonly identifyDefaults?: boolean;
  /** Labels: letters, digits and any of `_.+*:@/-`. */
  readonly tags?: readonly string[];
  /** Wait until mirrored disks are in sync; without meaning for storage without mirrors. */
  readonly waitForSync?: boolean;
  /** Reserve the instance's place without making it; false if not given. */
  readonly forthcoming?: boolean;
  /** Make an instance whose place was reserved; false if not given. */
  readonly commit?: boolean;
  /** Import: the node that holds the export, by name or UUID; all are searched if not given. */
  readonly srcNode?: string;
  /** Import: UUID that this node must have, if it is given by name as well. */
  readonly srcNodeUuid?: string;
  /** Import: the export's directory; a relative one is below the nodes' directory of exports. */
  readonly srcPath?: string;
  /** Imports: program that the data are compressed with on their way; `none` if not given. */
  readonly compress?: string;
  /** Remote import: version, digest and salt by which the other cluster proves itself. */
  readonly sourceHandshake?: readonly unknown[];
  /** Remote import: the other cluster's certificate, signed with the shared secret. */
  readonly sourceX509Ca?: string;
  /** Remote import: the instance's name on the other cluster. */
  readonly sourceInstanceName?: string;
  /** Remote import: how long the instance may take to stop over there, seconds; 120. */
  readonly sourceShutdownTimeoutS?: number;
  /** Add a card in the network by which instances talk to their nodes; false if not given. */
  readonly instanceCommunication?: boolean;
  /** Untrusted OS: how long the helper machine may take to start, seconds. */
  readonly helperStartupTimeoutS?: number;
  /** Untrusted OS: how long the helper machine may run, seconds. */
  readonly helperShutdownTimeoutS?: number;
}

const text = (): z.ZodString => z.string().min(1, 'must not be empty');
const flag = (): z.ZodExactOptional<z.ZodBoolean> => z.boolean().exactOptional();
const optionalText = (): z.ZodExactOptional<z.ZodString> => text().exactOptional();

/**
 * Checks a request's shape. Built when it is used first, since that takes a while.
 * @public
 */
export const createOpSchema: z.ZodType<CreateOp> = z.lazy(() =>
  z.strictObject({
    instanceName: text(),
    mode: z.enum(['create', 'import', 'remote-import']),
    disks: z.array(diskSchema()),
    nics: z.array(nicSchema()),
    diskTemplate: z.enum(DISK_TEMPLATES).exactOptional(),
    fileDriver: z.enum(['loop', 'blktap', 'blktap2']).exactOptional(),
    fileStorageDir: optionalText(),
    hypervisor: z.enum(HYPERVISOR_NAMES).exactOptional(),
    hvParams: paramsSchema().exactOptional(),
    beParams: paramsSchema().exactOptional(),
    osType: optionalText(),
    osParams: z.record(z.string(), z.json()).exactOptional(),
    osParamsPrivate: z.record(z.string(), secretSchema()).exactOptional(),
    osParamsSecret: z.record(z.string(), secretSchema()).exactOptional(),
    forceVariant: flag(),
    noInstall: flag(),
    start: flag(),
    pnode: optionalText(),
    snode: optionalText(),
    iallocator: optionalText(),
    groupName: optionalText(),
    opportunisticLocking: flag(),
    placementRung: z.enum(['claims', 'opportunistic', 'full']).exactOptional(),
    nameCheck: flag(),
    ipCheck: flag(),
    conflictsCheck: flag(),
    ignoreIpolicy: flag(),
    identifyDefaults: flag(),
    tags: z.array(text()).exactOptional(),
    waitForSync: flag(),
    pnodeUuid: optionalText(),
    snodeUuid: optionalText(),
    forthcoming: flag(),
    commit: flag(),
    srcNode: optionalText(),
    srcNodeUuid: optionalText(),
    srcPath: optionalText(),
    compress: z.string().exactOptional(),
    sourceHandshake: z.array(z.unknown()).exactOptional(),
    sourceX509Ca: optionalText(),
    sourceInstanceName: optionalText(),
    sourceShutdownTimeoutS: z.number().min(0).exactOptional(),
    instanceCommunication: flag(),
    helperStartupTimeoutS: z.int().exactOptional(),
    helperShutdownTimeoutS: z.int().exactOptional(),
  }),
);

function diskSchema(): z.ZodType<DiskRequest> {
  return z.strictObject({
    size: z
      .union([z.number(), z.string()], 'a number of MiB or a text such as "10g" is wanted')
      .exactOptional(),
    mode: z.string().exactOptional(),
    name: optionalText(),
    adopt: optionalText(),
    vg: optionalText(),
    metavg: optionalText(),
    access: optionalText(),
    spindles: z.int().exactOptional(),
    provider: optionalText(),
    providerParams: z.record(z.string(), z.union([z.string(), z.number()])).exactOptional(),
  });
}

function nicSchema(): z.ZodType<NicRequest> {
  return z.strictObject({
    mac: z.string().exactOptional(),
    ip: z.string().exactOptional(),
    mode: z.string().exactOptional(),
    link: z.string().exactOptional(),
    bridge: z.string().exactOptional(),
    vlan: z.string().exactOptional(),
    name: optionalText(),
    network: z.string().exactOptional(),
  });
}

function paramsSchema(): z.ZodType<Readonly<Record<string, ParamValue>>> {
  const value = z.union(
    [z.string(), z.number(), z.boolean(), z.null()],
    'text, a number, true, false or null is wanted',
  );
  return z.record(z.string(), value);
}

function secretSchema(): z.ZodType<string | Secret<string>> {
  // The text of the problem must not quote the value.
  return z.union([z.string(), z.instanceof(Secret<string>)], 'text is wanted');
}
