/**
 * The node port as one operation sees it: every call carries the operation's signal, reports its
 * progress and is reported as an event. Nodes marked offline are never called.
 */
import { fencedCall } from '../fenced/fenced-rpc.js';
import type { NodeId } from '../model/ids.js';
import { type Answer, eachCall, type Method, type Target } from '../fenced/node-calls.js';
import type { Clock } from '../ports/clock.js';
import type { ConfigReader } from '../ports/config-store.js';
import type { CallOptions } from '../ports/call.js';
import type { FenceSource } from '../ports/fence.js';
import type { NodeRpc } from '../ports/node-rpc.js';
import { failed, type Reply } from '../ports/reply.js';
import type { Reports } from '../reports.js';

/** What binding needs. */
export interface RpcBinding {
  readonly rpc: NodeRpc;
  readonly config: ConfigReader;
  readonly reports: Reports;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The right in which commands are given. */
  readonly fence: FenceSource;
}

/** Binds the port to an operation. */
export function bindRpc(binding: RpcBinding): NodeRpc {
  return eachCall(binding.rpc, (method, name, kind) => async (target, request, call) => {
    const startedMs = binding.clock.monotonic();
    const answer = await fencedCall(binding.fence, kind, target, (fence) => {
      const options = { ...defaults(binding), ...fence, ...call };
      return binding.rpc.seesOffline === true
        ? method(target, request, options)
        : callOnline(method, target, request, options, binding.config);
    });
    binding.reports.emit({
      type: 'call',
      method: name,
      nodes: nodesOf(target).map((id) => nameOf(id, binding.config)),
      durationMs: binding.clock.monotonic() - startedMs,
      failed: hasFailure(answer),
    });
    return answer;
  });
}

function defaults({ signal, reports }: RpcBinding): CallOptions {
  return {
    signal,
    onProgress: (p) => reports.progress(p.fraction, p.message),
    onInfo: (message) => reports.info(message),
  };
}

async function callOnline(
  method: Method,
  target: Target,
  request: object,
  options: CallOptions,
  config: ConfigReader,
): Promise<Answer> {
  const isOffline = (id: NodeId): boolean => config.find('node', id)?.offline === true;
  const refusal = (id: NodeId): Reply<never> =>
    failed(`node ${nameOf(id, config)} is marked offline`, 'offline');
  if (typeof target === 'string') {
    return isOffline(target) ? refusal(target) : method(target, request, options);
  }
  const online = target.filter((id) => !isOffline(id));
  const answers = online.length === 0 ? new Map() : await method(online, request, options);
  const all = new Map(answers as ReadonlyMap<NodeId, Reply<unknown>>);
  for (const id of target) if (isOffline(id)) all.set(id, refusal(id));
  return all;
}

function hasFailure(answer: Answer): boolean {
  const replies = answer instanceof Map ? [...answer.values()] : [answer as Reply<unknown>];
  return replies.some((reply: Reply<unknown>) => !reply.ok);
}

function nodesOf(target: Target): readonly NodeId[] {
  return typeof target === 'string' ? [target] : target;
}

function nameOf(id: NodeId, config: ConfigReader): string {
  return config.find('node', id)?.name ?? id;
}
