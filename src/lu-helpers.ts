/**
 * What authors of operations on instances would write again and again: finding an instance, locking
 * it and its nodes, filling in its parameters.
 */
import { Cancelled, refuse } from './errors.js';
import { instanceEnv } from './hooks/instance-env.js';
import type { HookEnv } from './hooks/spec.js';
import type { LockMode } from './locks/level.js';
import { exclusive, type LockPlan, type LockWant } from './locks/plan.js';
import { fillBeParams, fillHvParams, fillNicParams, fillOsParams } from './model/fill.js';
import type { HypervisorName } from './model/hypervisor.js';
import type { InstanceId, NodeId } from './model/ids.js';
import type { Instance } from './model/instance.js';
import type { Params } from './model/params.js';
import type { Secret } from './model/secret.js';
import type { ExecContext, PrereqContext } from './lu-base.js';
import type { ConfigReader } from './ports/config-store.js';
import type { NodeQueries } from './ports/node-rpc.js';
import { replyOf, unwrap } from './ports/reply.js';
import type { RuntimeInstance } from './ports/runtime.js';

/**
 * An instance that was found before its lock was held.
 * @public
 */
export interface InstanceTarget {
  /** UUID. */
  readonly id: InstanceId;
  /** The name under which it is locked. */
  readonly name: string;
}

/**
 * An instance by name, short name or UUID; for `expandNames`. Throws `PrereqError`
 * `unknown_entity`.
 * @public
 */
export function expandInstance(config: ConfigReader, nameOrId: string): InstanceTarget {
  const { id, name } =
    config.findInstance(nameOrId) ??
    refuse.unknown(`Instance '${nameOrId}' is unknown; give the name or UUID of an instance`);
  return { id, name };
}

/**
 * Locks an instance, exclusively; its nodes are deferred, since they may change until its own lock
 * is held. Settle them in `declareLocks` by {@link instanceNodesWant}.
 * @public
 */
export function lockInstance({ name }: InstanceTarget): LockPlan {
  return { instance: exclusive(name), node: 'deferred' };
}

/**
 * The locks of an instance's nodes; for `declareLocks`.
 * @public
 */
export function instanceNodesWant(
  config: ConfigReader,
  { id }: InstanceTarget,
  mode: LockMode,
): LockWant {
  const instance = config.find('instance', id);
  return { want: 'names', names: instance === undefined ? [] : instanceNodes(instance), mode };
}

/**
 * The lock of an instance's primary node alone; for `declareLocks`.
 * @public
 */
export function primaryNodeWant(
  config: ConfigReader,
  { id }: InstanceTarget,
  mode: LockMode,
): LockWant {
  const instance = config.find('instance', id);
  return { want: 'names', names: instance === undefined ? [] : [instance.primaryNode], mode };
}

/**
 * The instance, now that its lock is held; for `checkPrereq`. Throws `PrereqError` `unknown_entity`
 * if it was removed, and `wrong_state` if it was renamed, while the operation waited.
 * @public
 */
export function lockedInstance(config: ConfigReader, { id, name }: InstanceTarget): Instance {
  const instance =
    config.find('instance', id) ??
    refuse.unknown(`Instance '${name}' was removed while this operation waited for it`);
  if (instance.name === name) return instance;
  return refuse.state(`Instance '${name}' is called '${instance.name}' by now; try again`);
}

/**
 * Whether an instance's primary node is online. If it is not, throws `PrereqError` `wrong_state`,
 * unless that shall be `ignored`.
 * @public
 */
export function checkPrimaryOnline(
  config: ConfigReader,
  instance: Instance,
  ignored: boolean = false,
): boolean {
  const node = config.node(instance.primaryNode);
  if (node.offline && !ignored) {
    refuse.state(
      `The primary node '${node.name}' of '${instance.name}' is marked offline; bring it back, ` +
        'or ask for ignoreOfflineNodes',
    );
  }
  return !node.offline;
}

/**
 * Whether the guest runs now. Throws `PrereqError` `environment_error` if its node does not say.
 * @public
 */
export async function isRunning(runtime: RuntimeInstance, rpc: NodeQueries): Promise<boolean> {
  const { instance, hypervisor, hvParams } = runtime;
  const request = { name: instance.name, hypervisor, hvParams };
  const reply = await rpc.instanceStatus(instance.primaryNode, request);
  return unwrap.prereq(reply, `Cannot learn whether ${instance.name} runs`)?.running === true;
}

/**
 * What a guest needs to be started.
 * @public
 */
export interface MemoryNeed {
  /** The instance's name. */
  readonly name: string;
  /** What shall run it. */
  readonly hypervisor: HypervisorName;
  /** Memory, MiB. */
  readonly memoryMib: number;
  /** The hypervisor's parameters, filled; what is not given counts as the cluster's. */
  readonly hvParams?: Params;
}

/**
 * Throws `PrereqError`: `insufficient_resources` if a node has not enough memory free,
 * `environment_error` if it does not say.
 * @public
 */
export async function checkFreeMemory(
  need: MemoryNeed,
  node: NodeId,
  { config, rpc }: Pick<PrereqContext, 'config' | 'rpc'>,
): Promise<void> {
  const { id, name } = config.node(node);
  const { hypervisor, memoryMib, hvParams } = need;
  const asked = { storage: [], hypervisor, ...(hvParams === undefined ? {} : { hvParams }) };
  const replies = await rpc.nodeInfo([id], asked);
  const { memoryFreeMib } = unwrap.prereq(
    replyOf(replies, id),
    `Cannot learn how much memory is free on ${name}`,
  );
  if (memoryMib <= memoryFreeMib) return;
  refuse.resources(
    `${need.name} needs ${memoryMib} MiB of memory, but ${name} has ${memoryFreeMib} MiB free; ` +
      'give it less, choose another node, or do not start it',
  );
}

/**
 * Stops the guest: asks it, and after `graceMs` pulls the plug. Throws `ExecError`.
 * @public
 */
export async function stopGuest(
  { instance, hypervisor, hvParams }: RuntimeInstance,
  graceMs: number,
  { config, rpc, report }: Pick<ExecContext, 'config' | 'rpc' | 'report'>,
): Promise<void> {
  const { id, name } = config.node(instance.primaryNode);
  report.step(`Stopping ${instance.name} on ${name}`);
  const request = { name: instance.name, hypervisor, hvParams, graceMs };
  unwrap.exec(await rpc.stopInstance(id, request), `Cannot stop ${instance.name} on ${name}`);
}

/**
 * An instance's nodes, primary first.
 * @public
 */
export function instanceNodes(instance: Instance): readonly NodeId[] {
  return [instance.primaryNode, ...instance.secondaryNodes];
}

/**
 * An instance with all parameters filled in. `secret` are OS parameters for this one use.
 * @public
 */
export function runtimeOf(
  config: ConfigReader,
  instance: Instance,
  secret: Readonly<Record<string, Secret<string>>> = {},
): RuntimeInstance {
  const { cluster } = config;
  const { hypervisor, os } = instance;
  return {
    instance,
    hypervisor,
    hvParams: fillHvParams(cluster, hypervisor, os, instance.hvParams),
    beParams: fillBeParams(cluster, instance.beParams),
    osParams: {
      public: fillOsParams(cluster.osParams, os, instance.osParams),
      private: fillOsParams(cluster.osParamsPrivate, os, instance.osParamsPrivate),
      secret,
    },
    nics: instance.nics.map((nic) => {
      const { networkId } = nic;
      const network = networkId === undefined ? undefined : config.find('network', networkId);
      const params = fillNicParams(cluster, nic.params);
      return { ...nic, params, ...(network === undefined ? {} : { network }) };
    }),
    disks: config.disksOf(instance),
  };
}

/**
 * The hook variables of an existing instance (Ganeti's `BuildInstanceHookEnvByObject`).
 * @public
 */
export function existingInstanceEnv(config: ConfigReader, runtime: RuntimeInstance): HookEnv {
  const { instance } = runtime;
  const { os } = instance;
  return instanceEnv({
    name: instance.name,
    primary: config.node(instance.primaryNode).name,
    secondaries: instance.secondaryNodes.map((id) => config.node(id).name),
    ...(os === undefined ? {} : { os }),
    status: instance.adminState,
    hypervisor: instance.hypervisor,
    hvParams: runtime.hvParams,
    beParams: runtime.beParams,
    diskTemplate: instance.diskTemplate,
    disks: runtime.disks,
    nics: runtime.nics,
    tags: instance.tags,
  });
}

/**
 * Throws `Cancelled` if the caller gave up; to be called between steps. `before` says before what.
 * @public
 */
export function throwIfCancelled(signal: AbortSignal, before: string): void {
  if (signal.aborted) throw new Cancelled(`Cancelled before ${before}`, { cause: signal.reason });
}
