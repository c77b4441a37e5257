/**
 * Helper machines of random clusters: after some looks they have done their work, or are gone, or
 * never end.
 */
import type { NodeRpc } from '../../src/ports/node-rpc.js';
import { answered } from '../../src/ports/reply.js';
import type { StubNodes } from '../../src/testing/stub-nodes.js';

/** How a helper machine ends. */
export type HelperEnd = 'stops' | 'vanishes' | 'hangs';

const MIB = 1024 * 1024;

/** Gives the nodes helper machines that end so. */
export function giveHelpers(nodes: StubNodes, end: HelperEnd): void {
  let looks = 0;
  const { instanceStatus } = nodes;
  const calls: Pick<NodeRpc, 'exportOs' | 'fileFacts' | 'instanceStatus'> = {
    exportOs: () => Promise.resolve(answered('/srv/packages/guest.tar')),
    fileFacts: () => Promise.resolve(answered({ exists: true, sizeBytes: 3 * MIB + 1 })),
    instanceStatus: (node, request, call) => {
      looks += 1;
      const { running } = nodes.state(node);
      const status = running.get(request.name);
      if (status !== undefined && looks > 2) {
        if (end === 'stops') running.set(request.name, { ...status, running: false });
        if (end === 'vanishes') running.delete(request.name);
      }
      return instanceStatus(node, request, call);
    },
  };
  Object.assign(nodes, calls);
}
