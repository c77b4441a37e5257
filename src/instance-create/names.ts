/**
 * Looks up the names in a request: the host's, the nodes'. Nothing is locked yet, so what is found
 * here is looked at again under locks.
 */
import { refuse } from '../errors.js';
import type { NamesContext } from '../lu-base.js';
import type { NodeId } from '../model/ids.js';
import type { ConfigReader } from '../ports/config-store.js';
import type { Reporter } from '../ports/reporter.js';
import { namesSameHost } from './args/host-name.js';
import type { CreateArgs, CreateNames, InstanceHost, Placement } from './types.js';

/** The request with its names looked up. */
export async function lookUpNames(args: CreateArgs, ctx: NamesContext): Promise<CreateNames> {
  const { instanceName, placement, ...others } = args;
  const host = args.checks.name ? await resolveHost(instanceName, ctx) : { name: instanceName };
  refuseExisting(host.name, ctx.config);
  return { ...others, host, placement: lookUpNodes(placement, ctx.config) };
}

/** Refuses a name that an instance has already; short forms of other names are fine. */
export function refuseExisting(name: string, config: ConfigReader): void {
  if (config.findInstance(name)?.name !== name) return;
  refuse.exists(`Instance '${name}' exists already; remove it first, or choose another name`);
}

async function resolveHost(given: string, ctx: NamesContext): Promise<InstanceHost> {
  const family = ctx.config.cluster.primaryIpFamily;
  const { name, ip } = await ctx.resolver.resolve(given, family, ctx.signal);
  tellRename(given, name, ctx.report);
  return { name, ip };
}

/** The resolver may complete a name, but not replace it by another. */
function tellRename(given: string, name: string, report: Reporter): void {
  if (given === name) return;
  if (!namesSameHost(given, name)) {
    refuse.input(`'${given}' resolves to '${name}', another host; correct one of the two`);
  }
  report.info(`'${given}' resolves to '${name}'; that is the name of the instance`);
}

function lookUpNodes(placement: Placement<string>, config: ConfigReader): Placement<NodeId> {
  if (placement.by === 'allocator') return placement;
  const node =
    config.findNode(placement.primary) ??
    refuse.unknown(`Node '${placement.primary}' is unknown; give a node of the cluster`);
  return { by: 'operator', primary: node.id };
}
