/**
 * Space for files on nodes: little enough that placements meet, counted by what lies there. Nobody
 * makes more than there is, since whoever makes something has looked under the node's locks.
 */
import type { NodeId } from '../../src/model/ids.js';
import type { NodeFacts } from '../../src/ports/node-facts.js';
import type { Reply } from '../../src/ports/reply.js';
import type { StubNodes } from '../../src/testing/stub-nodes.js';

/** A node's, MiB: two disks of the simulation. */
export const SPACE_MIB = 128;

/** Files on a node, MiB. */
export function usedOn(nodes: StubNodes, node: NodeId): number {
  const files = [...nodes.state(node).disks].filter(([place]) => place.startsWith('/'));
  return files.reduce((sum, [, sizeMib]) => sum + sizeMib, 0);
}

/** What a node says of itself, with this space for files. */
export function withScarceSpace(reply: Reply<NodeFacts>, usedMib: number): Reply<NodeFacts> {
  if (!reply.ok) return reply;
  const storage = reply.payload.storage.map((space) => {
    if (space.kind !== 'file') return space;
    return { ...space, totalMib: SPACE_MIB, freeMib: Math.max(0, SPACE_MIB - usedMib) };
  });
  return { ...reply, payload: { ...reply.payload, storage } };
}
