/**
 * The hooks that all operations on an existing instance have in common.
 */
import type { HookEnv, HookNodeLists, HookSpec } from '../hooks/spec.js';
import { existingInstanceEnv, instanceNodes, runtimeOf } from '../lu-helpers.js';
import type { Instance } from '../model/instance.js';
import type { ConfigReader } from '../ports/config-store.js';
import type { RuntimeInstance } from '../ports/runtime.js';

/**
 * What differs between the hooks of operations on an existing instance.
 * @public
 */
export interface InstanceHooks<Plan> {
  /** Directory stem, `instance-start`. */
  readonly path: string;
  /** The operation's own variables. */
  readonly env: (plan: Plan) => HookEnv;
  /** Where scripts run; on the master and the instance's nodes if not given. */
  readonly nodes?: (instance: Instance, config: ConfigReader) => HookNodeLists;
}

/**
 * A hook spec for a plan about one instance: the operation's own variables, and those of the
 * instance (Ganeti's `BuildInstanceHookEnvByObject`). After the work they are those of the instance
 * as it is then, or as it last was.
 * @public
 */
export function instanceHooks<
  Plan extends { readonly runtime: RuntimeInstance },
  Result = undefined,
>(hooks: InstanceHooks<Plan>): HookSpec<Plan, Result> {
  const nodes = hooks.nodes ?? onAllNodes;
  return {
    path: hooks.path,
    objectType: 'INSTANCE',
    env: ({ plan, config }) => ({
      ...hooks.env(plan),
      ...existingInstanceEnv(config, current(plan.runtime, config)),
    }),
    nodes: ({ runtime }, config) => nodes(runtime.instance, config),
  };
}

/**
 * Where the hooks of most operations on an instance run: the master, then the instance's nodes.
 * @public
 */
export function onAllNodes(instance: Instance, { cluster }: ConfigReader): HookNodeLists {
  const all = [cluster.masterNode, ...instanceNodes(instance)];
  return { pre: all, post: all };
}

function current(planned: RuntimeInstance, config: ConfigReader): RuntimeInstance {
  const instance = config.find('instance', planned.instance.id);
  return instance === undefined ? planned : runtimeOf(config, instance);
}
