/**
 * The node port as one operation sees it: every call carries the operation's signal, reports its
 * progress and is reported as an event. Nodes marked offline are never called.
 */
import type { NodeId } from './model/ids.js';
import type { Clock } from './ports/clock.js';
import type { ConfigReader } from './ports/config-store.js';
import type { CallOptions } from './ports/call.js';
import type { NodeRpc } from './ports/node-rpc.js';
import { failed, type Reply } from './ports/reply.js';
import type { Reports } from './reports.js';

type CallName = Exclude<keyof NodeRpc, 'seesOffline'>;

type Bound = { [K in CallName]: NodeRpc[K] };

/** What binding needs. */
export interface RpcBinding {
  readonly rpc: NodeRpc;
  readonly config: ConfigReader;
  readonly reports: Reports;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

type Target = NodeId | readonly NodeId[];
type Answer = Reply<unknown> | ReadonlyMap<NodeId, Reply<unknown>>;
type Method = (target: Target, request: object, call: CallOptions) => Promise<Answer>;

/** Every method of the port. The record's type makes a new method an error until it is listed. */
const METHODS: Readonly<Record<CallName, true>> = {
  nodeInfo: true,
  validateHypervisor: true,
  validateOs: true,
  findOs: true,
  bridgesExist: true,
  instanceStatus: true,
  runningInstances: true,
  allInstances: true,
  volumeGroups: true,
  volumes: true,
  deviceSizes: true,
  fileFacts: true,
  mirrorStatus: true,
  listExports: true,
  exportInfo: true,
  transferStatus: true,
  createStorageDir: true,
  removeStorageDir: true,
  createDisk: true,
  wipeDisk: true,
  imageDisk: true,
  pauseSync: true,
  renameVolumes: true,
  assembleDisk: true,
  shutdownDisk: true,
  removeDisk: true,
  installOs: true,
  renameOs: true,
  exportOs: true,
  publishMetadata: true,
  startInstance: true,
  stopInstance: true,
  startImport: true,
  startExport: true,
  abortTransfer: true,
  cleanTransfer: true,
  createCertificate: true,
  removeCertificate: true,
  snapshotDisk: true,
  finalizeExport: true,
  removeExport: true,
};

/** Binds the port to an operation. */
export function bindRpc(binding: RpcBinding): NodeRpc {
  const names = Object.keys(METHODS) as CallName[];
  return Object.fromEntries(names.map((name) => [name, bound(name, binding)])) as Bound;
}

function bound(name: CallName, binding: RpcBinding): Method {
  // All methods of the port have this one shape, which the type system cannot say of a union.
  const method = binding.rpc[name].bind(binding.rpc) as Method;
  return async (target, request, call = {}) => {
    const startedMs = binding.clock.monotonic();
    const options = { ...defaults(binding), ...call };
    const answer =
      binding.rpc.seesOffline === true
        ? await method(target, request, options)
        : await callOnline(method, target, request, options, binding.config);
    binding.reports.emit({
      type: 'call',
      method: name,
      nodes: nodesOf(target).map((id) => nameOf(id, binding.config)),
      durationMs: binding.clock.monotonic() - startedMs,
      failed: hasFailure(answer),
    });
    return answer;
  };
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
