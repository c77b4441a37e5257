/**
 * Looks whether the chosen nodes take new instances.
 */
import { refuse } from '../../errors.js';
import type { PrereqContext } from '../../lu-base.js';
import type { Node } from '../../model/node.js';
import type { PlannedNode, PlannedNodes } from '../types.js';

const FAULTS: readonly { readonly of: (node: Node) => boolean; readonly text: string }[] = [
  { of: (node) => node.offline, text: 'is marked offline' },
  { of: (node) => node.drained, text: 'is drained' },
  { of: (node) => !node.vmCapable, text: 'may not run instances' },
];

/** The primary node is online, not drained, and may run instances. */
export function checkPrimary({ primary }: PlannedNodes, ctx: PrereqContext): void {
  checkNode(primary, ctx);
}

/** So is a secondary one; and it is another node. */
export function checkSecondaries(nodes: PlannedNodes, ctx: PrereqContext): void {
  const { primary, secondaries } = nodes;
  for (const secondary of secondaries) {
    if (secondary.id === primary.id) {
      refuse.input(`'${primary.name}' cannot be both primary and secondary node; give another one`);
    }
    checkNode(secondary, ctx);
    if (ctx.config.node(secondary.id).groupId !== ctx.config.node(primary.id).groupId) {
      ctx.report.warn(`'${primary.name}' and '${secondary.name}' are in different groups`);
    }
  }
}

function checkNode({ id }: PlannedNode, { config }: PrereqContext): void {
  const node = config.node(id);
  const fault = FAULTS.find(({ of }) => of(node));
  if (fault === undefined) return;
  refuse.state(`Node '${node.name}' ${fault.text}; change that, or choose another node`);
}
