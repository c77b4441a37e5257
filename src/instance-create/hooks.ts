/**
 * The hooks of a creation. Both environments come from the plan, as in Ganeti: what scripts see
 * after the work is what was planned (disks without ids among it).
 */
import { addInstance, type Variables } from '../hooks/instance-env.js';
import type { HookEnv, HookSpec } from '../hooks/spec.js';
import type { CreatePlan, CreateResult } from './types.js';

/** `instance-add`, on the master and the instance's nodes. */
export const createHooks: HookSpec<CreatePlan, CreateResult> = {
  path: 'instance-add',
  objectType: 'INSTANCE',
  env: ({ plan }) => createEnv(plan),
  nodes: ({ nodes }, { cluster }) => {
    const ids = [nodes.primary, ...nodes.secondaries].map(({ id }) => id);
    const all = [...new Set([cluster.masterNode, ...ids])];
    return { pre: all, post: all };
  },
};

/** The variables of a creation, without prefix. */
export function createEnv(plan: CreatePlan): HookEnv {
  const { instance, nodes, steps } = plan;
  const { os } = instance;
  const env: Variables = { ADD_MODE: plan.mode };
  addInstance(env, {
    name: instance.name,
    primary: nodes.primary.name,
    secondaries: nodes.secondaries.map(({ name }) => name),
    ...(os === undefined ? {} : { os }),
    status: steps.start,
    hypervisor: instance.hypervisor,
    hvParams: plan.hvParams,
    beParams: plan.beParams,
    diskTemplate: instance.diskTemplate,
    disks: plan.wantedDisks,
    nics: plan.nics,
    tags: instance.tags,
  });
  return env;
}
