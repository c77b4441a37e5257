/**
 * Puts contents on the disks, in the way that the source and the OS demand: by scripts on the node
 * if the OS is trusted, by a helper machine if it is not. Then the node's metadata service is told
 * what the guest may ask for.
 */
import { ExecError, refuse } from '../../errors.js';
import type { ExecContext } from '../../lu-base.js';
import { unwrap } from '../../ports/reply.js';
import { sourceOf } from '../source/source-of.js';
import type { CreatePlan, Installed, Prepared } from '../types.js';
import { runHelper } from './helper-vm.js';
import { publish } from './metadata.js';

/** The disks have their contents, and the metadata are published. */
export async function install(
  prepared: Prepared,
  plan: CreatePlan,
  ctx: ExecContext,
): Promise<Installed> {
  const installed = await putContents(prepared, plan, ctx);
  await publish(installed.runtime, plan, ctx);
  return installed;
}

async function putContents(
  prepared: Prepared,
  plan: CreatePlan,
  ctx: ExecContext,
): Promise<Installed> {
  const { runtime } = prepared;
  const source = sourceOf(plan.mode);
  const { os } = runtime.instance;
  if (os === undefined) {
    // Ganeti leaves such disks empty, and says nothing.
    const isDropped = ctx.compatibility.partialImports === 'accepted';
    return isDropped ? { stage: 'installed', runtime } : source.install(prepared, plan, ctx);
  }
  const isOddAccepted = ctx.compatibility.oddRequests === 'accepted';
  // Ganeti boots a helper machine even if it has nothing to do there.
  if (!plan.steps.install && !isOddAccepted) return { stage: 'installed', runtime };
  const isTrusted = plan.osTrusted ?? (await mayRunScripts(os, plan, ctx));
  if (isTrusted) return source.install(prepared, plan, ctx);
  if (source.inHelper === true || isOddAccepted) {
    return { stage: 'installed', runtime: await runHelper(runtime, plan, ctx) };
  }
  throw new ExecError(`OS '${os}' may run no scripts on nodes, so nothing can be imported by it`);
}

/** For who did not look before: what is found now is too late to be a refusal of the request. */
async function mayRunScripts(
  os: string,
  { nodes: { primary } }: CreatePlan,
  ctx: ExecContext,
): Promise<boolean> {
  const [name = os] = os.split('+');
  const reply = await ctx.rpc.findOs(primary.id, { os: name });
  const facts = unwrap.exec(reply, `Cannot learn what OS '${os}' is on ${primary.name}`);
  if (facts !== undefined) return facts.trusted;
  return refuse.unknown(`${primary.name} has no OS '${name}'; install it there, or take another`, {
    about: 'unclassified',
  });
}
