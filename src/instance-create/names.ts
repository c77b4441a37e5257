/**
 * Looks up the names in a request. Nothing is locked yet, so what is found here is looked at again
 * under locks.
 */
import { refuse } from '../errors.js';
import type { ArgsContext, NamesContext } from '../lu-base.js';
import type { NodeId } from '../model/ids.js';
import type { Instance } from '../model/instance.js';
import type { ConfigReader } from '../ports/config-store.js';
import { namesSameHost } from './args/host-name.js';
import { lookUpNode } from './look-up-node.js';
import { sourceOf } from './source/source-of.js';
import type { CreateArgs, CreateNames } from './types.js';
import type { InstanceHost, NodeRef, Placement } from './wishes.js';

/** The request with its names looked up. */
export function lookUpNames(args: CreateArgs, ctx: NamesContext): CreateNames {
  const { placement, ...others } = args;
  const reserved = args.commit ? reservedInstance(args.host.name, ctx.config) : undefined;
  if (reserved === undefined) refuseExisting(args.host.name, ctx.config);
  const looked = reserved === undefined ? lookUpNodes(placement, ctx.config) : placeOf(reserved);
  return {
    ...others,
    placement: looked,
    origin: sourceOf(args.mode).expandNames(args, ctx),
  };
}

/** What the resolver says of the name, if it shall be asked. */
export async function resolveHost(name: string, ctx: ArgsContext): Promise<InstanceHost> {
  const family = ctx.config.cluster.primaryIpFamily;
  const found = await ctx.resolver.resolve(name, family, ctx.signal);
  if (name !== found.name) {
    // The resolver may complete a name, but not replace it by another.
    if (!namesSameHost(name, found.name)) {
      refuse.input(`'${name}' resolves to '${found.name}', another host; correct one of the two`);
    }
    ctx.report.info(`'${name}' resolves to '${found.name}'; that is the name of the instance`);
  }
  return { name: found.name, ip: found.ip };
}

/** Refuses a name that an instance has already; short forms of other names are fine. */
export function refuseExisting(name: string, config: ConfigReader): void {
  if (config.findInstance(name)?.name !== name) return;
  refuse.exists(`Instance '${name}' exists already; remove it first, or choose another name`);
}

function lookUpNodes(placement: Placement<NodeRef>, config: ConfigReader): Placement<NodeId> {
  if (placement.by !== 'operator') return placement;
  const { primary, secondary } = placement;
  return {
    by: 'operator',
    primary: lookUpNode(primary, config).id,
    ...(secondary === undefined ? {} : { secondary: lookUpNode(secondary, config).id }),
  };
}

function reservedInstance(name: string, config: ConfigReader): Instance {
  const instance =
    config.findInstance(name) ??
    refuse.input(`Instance '${name}' is unknown; reserve its place by forthcoming first`);
  if (instance.forthcoming === true) return instance;
  return refuse.state(`Instance '${name}' is made already; there is nothing to commit`);
}

function placeOf({ id, primaryNode, secondaryNodes }: Instance): Placement<NodeId> {
  const [secondary] = secondaryNodes;
  return {
    by: 'reservation',
    instance: id,
    primary: primaryNode,
    ...(secondary === undefined ? {} : { secondary }),
  };
}
