/**
 * Puts together what the rooms have decided. The plan is complete and frozen, down to its leaves.
 */
import type { PrereqContext } from '../../lu-base.js';
import type { InstanceId } from '../../model/ids.js';
import type { Instance } from '../../model/instance.js';
import type { LaidOut } from '../disk-layouts.js';
import type { CreateNames, CreatePlan, PlannedNodes, PlannedParams } from '../types.js';
import type { PlannedNics } from './nics.js';

/** The rooms' decisions. */
export interface Decided {
  readonly instanceId: InstanceId;
  readonly params: PlannedParams;
  readonly nics: PlannedNics;
  readonly nodes: PlannedNodes;
  readonly storage: LaidOut;
}

/** The plan. A console port is claimed, if the hypervisor needs one. */
export function assemblePlan(names: CreateNames, decided: Decided, ctx: PrereqContext): CreatePlan {
  const { params, nics, nodes, storage } = decided;
  const { disks, storageDirs } = storage;
  return frozen<CreatePlan>({
    mode: names.mode,
    nodes,
    instance: newInstance(names, decided, ctx),
    disks,
    wantedDisks: names.disks,
    storageDirs,
    hvParams: params.filled.hv,
    beParams: params.filled.be,
    osParams: params.filled.os,
    nics: nics.filled,
    steps: {
      wipe: ctx.config.cluster.wipeDisks && disks.length > 0,
      install: installs(names, storage),
      start: names.start,
    },
  });
}

/** Without disks there is nothing to install on. */
export function installs({ os }: CreateNames, { disks }: LaidOut): boolean {
  return os.install && disks.length > 0;
}

function newInstance(names: CreateNames, decided: Decided, ctx: PrereqContext): Instance {
  const { instanceId, params, nics, nodes, storage } = decided;
  const needsPort = ctx.hypervisor(names.hypervisor).needsPort;
  return {
    id: instanceId,
    name: names.host.name,
    primaryNode: nodes.primary.id,
    secondaryNodes: nodes.secondaries.map(({ id }) => id),
    os: names.os.type,
    hypervisor: names.hypervisor,
    hvParams: params.own.hv,
    beParams: params.own.be,
    osParams: params.own.os.public,
    osParamsPrivate: params.own.os.private,
    adminState: 'down',
    nics: nics.own,
    diskIds: storage.disks.map(({ id }) => id),
    diskTemplate: names.storage.template,
    disksActive: false,
    ...(needsPort ? { networkPort: ctx.reserve.drawPort() } : {}),
    tags: names.tags,
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
