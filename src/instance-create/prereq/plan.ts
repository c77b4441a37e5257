/**
 * Puts together what the rooms have decided. The plan is complete and frozen, down to its leaves.
 */
import type { PrereqContext } from '../../lu-base.js';
import type { Disk } from '../../model/disk.js';
import type { InstanceId, NodeId } from '../../model/ids.js';
import type { Instance } from '../../model/instance.js';
import { osImageOf } from '../args/os-image.js';
import { layOut } from '../disk-layouts/disk-layouts.js';
import type {
  AdoptedVolume,
  CreatePlan,
  PlannedNodes,
  PlannedParams,
  PlannedRequest,
  PlannedSteps,
  ProvisionKind,
  Wanted,
} from '../types.js';
import type { DiskSpec } from '../wishes.js';
import type { PlannedNics } from './nics.js';

/** The rooms' decisions. */
export interface Decided {
  readonly wanted: Wanted;
  /** The reserved instance that is made now. */
  readonly reserved: Instance | undefined;
  readonly params: PlannedParams;
  readonly nics: PlannedNics;
  readonly nodes: PlannedNodes;
  readonly disks: readonly DiskSpec[];
  /** Where disk files will lie, innermost first. */
  readonly storageDirs: readonly string[];
  readonly exclusiveStorage: readonly NodeId[];
  /** Whether the OS's scripts may run on nodes, if that is known. */
  readonly osTrusted: boolean | undefined;
}

/** The plan. Places, ids and ports are claimed. */
export function assemblePlan(decided: Decided, ctx: PrereqContext): CreatePlan {
  const { wanted, reserved, params, nics, nodes, osTrusted } = decided;
  // The console's port comes before those of mirrors, as in Ganeti.
  const { needsPort } = ctx.hypervisor(wanted.hypervisor);
  const unseen = ctx.compatibility.ports === 'at-once';
  const port = needsPort ? ctx.reserve.drawPort({ unseen }) : undefined;
  const instanceId = reserved?.id ?? (ctx.reserve.drawId() as InstanceId);
  const disks = reserved === undefined ? layDisks(instanceId, decided, ctx) : kept(reserved, ctx);
  return frozen<CreatePlan>({
    mode: wanted.mode,
    nodes,
    instance: newInstance({ id: instanceId, port }, disks, decided),
    ...(reserved === undefined ? {} : { replaces: reserved }),
    provision: provisionOf(wanted),
    disks,
    adopted: adoptedVolumes(decided.disks, disks),
    wantedDisks: decided.disks,
    storageDirs: disks.length === 0 ? [] : decided.storageDirs,
    exclusiveStorage: decided.exclusiveStorage,
    hvParams: params.filled.hv,
    beParams: params.filled.be,
    osParams: params.filled.os,
    ...(osTrusted === undefined ? {} : { osTrusted }),
    nics: nics.filled,
    steps: stepsOf(wanted, disks, ctx),
    ...(wanted.imported === undefined ? {} : { imported: wanted.imported }),
    request: requestOf(wanted),
  });
}

function provisionOf({ forthcoming, adopts }: Wanted): ProvisionKind {
  if (forthcoming) return 'reserve';
  return adopts ? 'adopt' : 'make';
}

function layDisks(
  instanceId: InstanceId,
  { wanted, nodes, disks, storageDirs: [directory] }: Decided,
  { config, reserve, compatibility }: PrereqContext,
): readonly Disk[] {
  return layOut(wanted.storage.template, disks, {
    instanceId,
    nodes: idsOf(nodes),
    ...(directory === undefined ? {} : { fileStorageDir: directory }),
    driver: wanted.storage.driver,
    cluster: config.cluster,
    group: config.group(config.node(nodes.primary.id).groupId),
    reserve,
    unseenPorts: compatibility.ports === 'at-once',
    ...(wanted.forthcoming ? { forthcoming: true } : {}),
  });
}

function idsOf({ primary, secondaries }: PlannedNodes): readonly NodeId[] {
  return [primary, ...secondaries].map(({ id }) => id);
}

/** What was reserved is made as it was reserved, whatever disks the request names by now. */
function kept(reserved: Instance, { config }: PrereqContext): readonly Disk[] {
  return config.disksOf(reserved).map(({ forthcoming: _, ...disk }) => disk);
}

function adoptedVolumes(
  specs: readonly DiskSpec[],
  disks: readonly Disk[],
): readonly AdoptedVolume[] {
  return disks.flatMap((disk, at) => {
    const volume = specs[at]?.adopt;
    const { location } = disk;
    if (volume === undefined || location.kind !== 'lvm') return [];
    return [{ disk: { ...disk, location }, volume }];
  });
}

function stepsOf(wanted: Wanted, disks: readonly Disk[], ctx: PrereqContext): PlannedSteps {
  const { op, adopts } = wanted;
  const image = osImageOf(op.osParams);
  return {
    wipe: !adopts && ctx.config.cluster.wipeDisks,
    ...(image === undefined || adopts ? {} : { image }),
    install: !adopts && disks.length > 0 && op.noInstall !== true,
    waitForSync: op.waitForSync ?? true,
    start: wanted.start,
  };
}

function requestOf({ op, sourceArgs }: Wanted): PlannedRequest {
  const { helperStartupTimeoutS, helperShutdownTimeoutS } = op;
  return {
    sourceArgs,
    compress: op.compress ?? 'none',
    sourceShutdownTimeoutS: op.sourceShutdownTimeoutS ?? 120,
    ...(helperStartupTimeoutS === undefined ? {} : { helperStartupTimeoutS }),
    ...(helperShutdownTimeoutS === undefined ? {} : { helperShutdownTimeoutS }),
  };
}

function newInstance(
  { id, port }: { readonly id: InstanceId; readonly port: number | undefined },
  disks: readonly Disk[],
  { wanted, params, nics, nodes }: Decided,
): Instance {
  const { osType } = wanted.op;
  return {
    id,
    name: wanted.host.name,
    primaryNode: nodes.primary.id,
    secondaryNodes: nodes.secondaries.map((node) => node.id),
    ...(osType === undefined ? {} : { os: osType }),
    hypervisor: wanted.hypervisor,
    hvParams: params.own.hv,
    beParams: params.own.be,
    osParams: params.own.os.public,
    osParamsPrivate: params.own.os.private,
    adminState: 'down',
    nics: nics.own,
    diskIds: disks.map((disk) => disk.id),
    diskTemplate: wanted.storage.template,
    disksActive: false,
    ...(port === undefined ? {} : { networkPort: port }),
    ...(wanted.forthcoming ? { forthcoming: true as const } : {}),
    tags: wanted.op.tags,
    serial: 0,
    createdAtMs: 0,
    modifiedAtMs: 0,
  };
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
