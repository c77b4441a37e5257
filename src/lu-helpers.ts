/**
 * What authors of operations on instances would write again and again: finding an instance, locking
 * it and its nodes, filling in its parameters.
 */
import { Cancelled, refuse } from './errors.js';
import { type HookInstance, instanceEnv } from './hooks/instance-env.js';
import type { HookEnv } from './hooks/spec.js';
import type { LockMode } from './locks/level.js';
import type { LockPlan, WantNames } from './locks/plan.js';
import { fillBeParams, fillHvParams, fillNicParams, fillOsParams } from './model/fill.js';
import type { InstanceId, NodeId } from './model/ids.js';
import type { Instance } from './model/instance.js';
import type { Secret } from './model/secret.js';
import type { ConfigReader } from './ports/config-store.js';
import type { RuntimeInstance } from './ports/runtime.js';

/**
 * An instance by name, short name or UUID. Throws `PrereqError` `unknown_entity`.
 * @public
 */
export function expandInstance(config: ConfigReader, nameOrId: string): Instance {
  return (
    config.findInstance(nameOrId) ??
    refuse.unknown(`Instance '${nameOrId}' is unknown; give a name or UUID of an instance`)
  );
}

/**
 * The instance once more, now that its lock is held. Throws `PrereqError` `unknown_entity` if it
 * was removed, and `wrong_state` if it was renamed, while the operation waited.
 * @public
 */
export function lockedInstance(config: ConfigReader, id: InstanceId, name: string): Instance {
  const instance =
    config.find('instance', id) ??
    refuse.unknown(`Instance '${name}' was removed while this operation waited for its lock`);
  if (instance.name === name) return instance;
  return refuse.state(`Instance '${name}' is called '${instance.name}' now; try again`);
}

/**
 * Locks an instance; what follows from it (its nodes) is deferred to `declareLocks`, since it may
 * change until the lock is held.
 * @public
 */
export function lockInstance(instance: Instance): LockPlan {
  return {
    instance: { want: 'names', names: [instance.name], mode: 'exclusive' },
    node: 'deferred',
    'node-res': 'deferred',
  };
}

/**
 * The locks of an instance's nodes, for `declareLocks`.
 * @public
 */
export function instanceNodesWant(
  config: ConfigReader,
  id: InstanceId,
  mode: LockMode = 'exclusive',
): WantNames {
  const instance = config.find('instance', id);
  return { want: 'names', names: instance === undefined ? [] : nodesOf(instance), mode };
}

/**
 * An instance's nodes, primary first.
 * @public
 */
export function nodesOf(instance: Instance): readonly NodeId[] {
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
      const network =
        nic.networkId === undefined ? undefined : config.find('network', nic.networkId);
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
  return instanceEnv(hookInstance(config, runtime));
}

function hookInstance(config: ConfigReader, runtime: RuntimeInstance): HookInstance {
  const { instance } = runtime;
  const { os } = instance;
  return {
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
  };
}

/**
 * Throws `Cancelled` if the caller gave up: to be called between steps.
 * @public
 */
export function throwIfCancelled(signal: AbortSignal, before: string): void {
  if (signal.aborted) throw new Cancelled(`Cancelled before ${before}`, { cause: signal.reason });
}
