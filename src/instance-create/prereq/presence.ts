/**
 * Looks again, under locks, at what was found without them.
 */
import { refuse } from '../../errors.js';
import type { PrereqContext } from '../../lu-base.js';
import { refuseExisting } from '../names.js';
import type { CreateNames } from '../types.js';

/** The name is still free, and now claimed; nodes that are locked did not change their group. */
export function claimName({ host }: CreateNames, ctx: PrereqContext): void {
  const groups = ctx.locks.at('nodegroup');
  for (const id of ctx.locks.at('node')) {
    const node = ctx.config.find('node', id);
    if (node !== undefined && !groups.has(node.groupId)) {
      refuse.state(`Node '${node.name}' changed its group meanwhile; try again`);
    }
  }
  refuseExisting(host.name, ctx.config);
  ctx.reserve.name(host.name);
}
