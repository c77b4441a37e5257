/**
 * Looks again, under locks, at what was found without them.
 */
import { ExecError, refuse } from '../../errors.js';
import type { PrereqContext } from '../../lu-base.js';
import type { Instance } from '../../model/instance.js';
import { settledNodes } from '../locks.js';
import { refuseExisting } from '../names.js';
import type { CreateNames } from '../types.js';
import type { PlacedBefore } from '../wishes.js';

/**
 * The nodes that are locked did not change their group, and the name is still free, and now
 * claimed. Answers with the reserved instance, if that is to be made.
 */
export function checkPresence(names: CreateNames, ctx: PrereqContext): Instance | undefined {
  checkGroups(ctx);
  const { placement } = names;
  if (placement.by === 'reservation') return checkReserved(names, placement, ctx);
  refuseExisting(names.host.name, ctx.config);
  ctx.reserve.name(names.host.name);
  return undefined;
}

function checkGroups(ctx: PrereqContext): void {
  const groups = ctx.locks.at('nodegroup');
  for (const id of ctx.locks.at('node')) {
    const node = ctx.config.find('node', id);
    if (node !== undefined && !groups.has(node.groupId)) {
      refuse.state(`Node '${node.name}' changed its group meanwhile; try again`);
    }
  }
}

function checkReserved(names: CreateNames, place: PlacedBefore, ctx: PrereqContext): Instance {
  const { name } = names.host;
  const instance =
    ctx.config.find('instance', place.instance) ??
    refuse.unknown(`Instance '${name}' was removed meanwhile`);
  if (instance.forthcoming !== true) refuse.state(`Instance '${name}' was made meanwhile`);
  const before = settledNodes(place);
  const now = [instance.primaryNode, ...instance.secondaryNodes];
  if (before.length !== now.length || before.some((node, at) => node !== now[at])) {
    refuse.state(`The nodes reserved for '${name}' changed meanwhile; try again`);
  }
  const { iallocator, pnodeUuid } = names.op;
  if (
    ctx.compatibility.reservedNodes === 'asked-for' &&
    iallocator === undefined &&
    pnodeUuid === undefined
  ) {
    throw new ExecError(`Nobody says on which node '${name}' lives; give its pnodeUuid`);
  }
  return instance;
}
