/**
 * The hooks of a creation. Both environments come from the plan, as in Ganeti: what scripts see
 * after the work is what was planned (disks without ids among it).
 */
import { addInstance, type Variables } from '../hooks/instance-env.js';
import type { HookEnv, HookSpec } from '../hooks/spec.js';
import type { NodeId } from '../model/ids.js';
import type { CreatePlan, CreateResult } from './types.js';

/** `instance-add`, on the master and the instance's nodes. */
export const createHooks: HookSpec<CreatePlan, CreateResult> = {
  path: 'instance-add',
  objectType: 'INSTANCE',
  env: ({ plan, config }) => createEnv(plan, (id) => config.node(id).name),
  nodes: ({ nodes }, { cluster }) => {
    const ids = [nodes.primary, ...nodes.secondaries].map(({ id }) => id);
    const all = [...new Set([cluster.masterNode, ...ids])];
    return { pre: all, post: all };
  },
};

/** The variables of a creation, without prefix. */
export function createEnv(plan: CreatePlan, nameOf: (id: NodeId) => string): HookEnv {
  const { instance, nodes, steps } = plan;
  const { os } = instance;
  const env: Variables = { ADD_MODE: plan.mode };
  addOrigin(env, plan, nameOf);
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

/** Where an import comes from. Scripts read the images as Python prints a list. */
function addOrigin(env: Variables, { imported }: CreatePlan, nameOf: (id: NodeId) => string): void {
  if (imported === undefined) return;
  env['SRC_NODE'] = nameOf(imported.node);
  env['SRC_PATH'] = imported.path;
  env['SRC_IMAGES'] = `[${imported.images.map(pythonLiteral).join(', ')}]`;
}

/** An image's path as Python prints text in a list; none is `False`. */
function pythonLiteral(path: string | undefined): string {
  if (path === undefined) return 'False';
  const quote = path.includes("'") && !path.includes('"') ? '"' : "'";
  const escaped = path.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`);
  return `${quote}${escaped}${quote}`;
}
