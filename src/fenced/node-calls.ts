/**
 * All calls of the node port as one table, for whatever has to be done with each of them alike.
 */
import type { NodeId } from '../model/ids.js';
import type { CallOptions } from '../ports/call.js';
import type { ExportTraits } from '../ports/exports.js';
import type { NodeRpc } from '../ports/node-rpc.js';
import type { Reply } from '../ports/reply.js';

/** The calls of the port. */
export type CallName = Exclude<keyof NodeRpc, 'seesOffline' | keyof ExportTraits>;

/** Whether a call may change something. */
export type CallKind = 'question' | 'command';

/** What a call is for: one node or several. */
export type Target = NodeId | readonly NodeId[];

/** What comes back: one reply, or one for each node. */
export type Answer = Reply<unknown> | ReadonlyMap<NodeId, Reply<unknown>>;

/** The one shape of all calls, which the type system cannot say of their union. */
export type Method = (target: Target, request: object, call?: CallOptions) => Promise<Answer>;

/** Every method of the port. The record's type makes a new method an error until it is listed. */
const CALLS: Readonly<Record<CallName, CallKind>> = {
  nodeInfo: 'question',
  validateHypervisor: 'question',
  validateOs: 'question',
  findOs: 'question',
  bridgesExist: 'question',
  instanceStatus: 'question',
  runningInstances: 'question',
  allInstances: 'question',
  volumeGroups: 'question',
  volumes: 'question',
  deviceSizes: 'question',
  fileFacts: 'question',
  mirrorStatus: 'question',
  listExports: 'question',
  exportInfo: 'question',
  transferStatus: 'question',
  createStorageDir: 'command',
  removeStorageDir: 'command',
  createDisk: 'command',
  wipeDisk: 'command',
  imageDisk: 'command',
  pauseSync: 'command',
  renameVolumes: 'command',
  assembleDisk: 'command',
  shutdownDisk: 'command',
  removeDisk: 'command',
  installOs: 'command',
  renameOs: 'command',
  exportOs: 'command',
  publishMetadata: 'command',
  startInstance: 'command',
  stopInstance: 'command',
  startImport: 'command',
  startExport: 'command',
  abortTransfer: 'command',
  cleanTransfer: 'command',
  createCertificate: 'command',
  removeCertificate: 'command',
  snapshotDisk: 'command',
  finalizeExport: 'command',
  removeExport: 'command',
};

/**
 * A port whose every call is made by `wrap` out of the one that it stands for. What its nodes say
 * of themselves about exports is true of it, too.
 */
export function eachCall(
  rpc: NodeRpc,
  wrap: (method: Method, name: CallName, kind: CallKind) => Method,
): NodeRpc {
  const calls = Object.entries(CALLS) as [CallName, CallKind][];
  const wrapped = calls.map(([name, kind]) => {
    return [name, wrap(rpc[name].bind(rpc) as Method, name, kind)];
  });
  const port = Object.fromEntries(wrapped) as Record<CallName, Method> & NodeRpc;
  return { ...port, ...traitsOf(rpc) };
}

function traitsOf({ copiesFiles, wantsDescription }: ExportTraits): ExportTraits {
  return {
    ...(copiesFiles === undefined ? {} : { copiesFiles }),
    ...(wantsDescription === undefined ? {} : { wantsDescription }),
  };
}

/** The same reply from all nodes that a call is for. */
export function answerAll(target: Target, reply: Reply<never>): Answer {
  return typeof target === 'string' ? reply : new Map(target.map((node) => [node, reply]));
}
