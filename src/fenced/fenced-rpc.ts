/**
 * The node port in the right of an owner of locks: commands carry its fence, and nothing is called
 * any more once the right is gone.
 */
import { isLockLost } from '../errors.js';
import { type Answer, answerAll, type CallKind, eachCall, type Target } from './node-calls.js';
import type { CallOptions } from '../ports/call.js';
import type { FenceSource } from '../ports/fence.js';
import type { NodeRpc } from '../ports/node-rpc.js';
import { failed } from '../ports/reply.js';

/** Calls the node unless the right is gone; then the answer says so. */
export async function fencedCall(
  fence: FenceSource,
  kind: CallKind,
  target: Target,
  call: (options: CallOptions) => Promise<Answer>,
): Promise<Answer> {
  let options: CallOptions;
  try {
    const proof = fence();
    options = kind === 'question' || proof === undefined ? {} : { fence: proof };
  } catch (error) {
    if (!isLockLost(error)) throw error;
    return answerAll(target, failed(`not called: ${error.message}`, 'aborted'));
  }
  return call(options);
}

/** The port, fenced; calls end when the signal fires. */
export function fencedRpc(rpc: NodeRpc, fence: FenceSource, signal: AbortSignal): NodeRpc {
  const fenced = eachCall(rpc, (method, _name, kind) => (target, request, call) => {
    return fencedCall(fence, kind, target, (proof) =>
      method(target, request, { signal, ...proof, ...call }),
    );
  });
  return rpc.seesOffline === true ? { ...fenced, seesOffline: true } : fenced;
}
