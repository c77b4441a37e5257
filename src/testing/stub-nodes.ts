/**
 * Nodes in memory: they remember what exists on them, write one transcript line per call, and fail
 * where a fault plan says so. What a test asks at the end is `leftovers()`.
 */
import { whereOf } from '../model/disk.js';
import type { NodeId } from '../model/ids.js';
import type { Clock } from '../ports/clock.js';
import type { HookNodes, HookScriptResult } from '../ports/hook-node.js';
import { LimitedNodeRpc } from '../ports/limited-node-rpc.js';
import type { CallOptions, NodeRpc } from '../ports/node-rpc.js';
import { answered, failed, type Replies, type Reply } from '../ports/reply.js';
import type { RuntimeInstance } from '../ports/runtime.js';
import { FaultPlan } from './faults.js';
import { hang, StubRefusal } from './stub-answers.js';
import { type StubNodeState, emptyNode } from './stub-node-state.js';

/**
 * What the hook scripts of a stub node do, in any order; throwing or a `failed` status refuses.
 * @public
 */
export type StubHook = (call: {
  readonly path: string;
  readonly phase: 'pre' | 'post';
  readonly node: string;
  readonly env: Readonly<Record<string, string>>;
}) => readonly HookScriptResult[];

/**
 * How stub nodes are set up.
 * @public
 */
export interface StubNodesOptions {
  /** The nodes' ids and names. */
  readonly nodes: ReadonlyMap<NodeId, string>;
  /** Gets one line per call. */
  readonly log: (line: string) => void;
  /** What every node starts with. */
  readonly initial?: Partial<StubNodeState>;
  /** The hook scripts; none if not given. */
  readonly hook?: StubHook;
  /** Ends calls that hang when their time is up; without it only an abort does. */
  readonly clock?: Clock;
}

/**
 * All nodes of a test cluster.
 * @public
 */
export class StubNodes extends LimitedNodeRpc implements NodeRpc, HookNodes {
  /** Which calls go wrong. */
  readonly faults: FaultPlan = new FaultPlan();
  readonly #options: StubNodesOptions;
  readonly #states = new Map<NodeId, StubNodeState>();

  constructor(options: StubNodesOptions) {
    super();
    this.#options = options;
    for (const id of options.nodes.keys()) this.#states.set(id, emptyNode(options.initial));
  }

  /** What exists on a node; a test may change it. */
  state(node: NodeId): StubNodeState {
    const state = this.#states.get(node);
    if (state === undefined) throw new Error(`no stub node ${node}`);
    return state;
  }

  /** Everything that exists on any node, one line each, sorted. */
  leftovers(): readonly string[] {
    const lines = [...this.#states].flatMap(([id, state]) => {
      const node = this.#name(id);
      return [
        ...[...state.directories].map((path) => `${node} directory ${path}`),
        ...[...state.disks.keys()].map((path) => `${node} disk ${path}`),
        ...[...state.running.keys()].map((name) => `${node} running ${name}`),
      ];
    });
    return lines.sort();
  }

  nodeInfo: NodeRpc['nodeInfo'] = (nodes, request, call) =>
    this.#many('nodeInfo', nodes, '', call, (state) => ({
      memoryTotalMib: state.memoryTotalMib,
      memoryFreeMib: state.memoryFreeMib,
      memoryNodeMib: 0,
      cpuTotal: state.cpuTotal,
      storage: request.storage.map((unit) => ({
        ...unit,
        totalMib: state.storageTotalMib,
        freeMib: state.storageFreeMib,
      })),
    }));

  validateHypervisor: NodeRpc['validateHypervisor'] = (nodes, { hypervisor }, call) =>
    this.#many('validateHypervisor', nodes, hypervisor, call, () => undefined);

  validateOs: NodeRpc['validateOs'] = (nodes, { os, forceVariant }, call) =>
    this.#many('validateOs', nodes, os, call, (state) => {
      const [, variant] = os.split('+');
      const facts = state.osDefinitions.get(baseName(os));
      if (facts === undefined || variant === undefined || forceVariant) return facts !== undefined;
      const isListed = facts.variants.length === 0 || facts.variants.includes(variant);
      return isListed || new StubRefusal(`OS '${facts.name}' has no variant '${variant}'`);
    });

  findOs: NodeRpc['findOs'] = (node, { os }, call) =>
    this.#one('findOs', node, os, call, (state) => state.osDefinitions.get(os));

  bridgesExist: NodeRpc['bridgesExist'] = (node, { bridges }, call) =>
    this.#one('bridgesExist', node, bridges.join(' '), call, (state) => {
      const missing = bridges.filter((bridge) => !state.bridges.has(bridge));
      return missing.length === 0
        ? undefined
        : new StubRefusal(`bridge ${missing.join(', ')} is missing`);
    });

  instanceStatus: NodeRpc['instanceStatus'] = (node, { name }, call) =>
    this.#one('instanceStatus', node, name, call, (state) => state.running.get(name));

  runningInstances: NodeRpc['runningInstances'] = (node, _request, call) =>
    this.#one('runningInstances', node, '', call, (state) => [...state.running.keys()]);

  createStorageDir: NodeRpc['createStorageDir'] = (node, { path }, call) =>
    this.#one('createStorageDir', node, path, call, (state) => {
      const isNew = !state.directories.has(path);
      state.directories.add(path);
      return isNew ? [path] : [];
    });

  removeStorageDir: NodeRpc['removeStorageDir'] = (node, { path }, call) =>
    this.#one('removeStorageDir', node, path, call, (state) => {
      const full = [...state.disks.keys()].some((disk) => disk.startsWith(`${path}/`));
      if (full) return new StubRefusal(`${path} is not empty`, 'exists');
      state.directories.delete(path);
      return undefined;
    });

  createDisk: NodeRpc['createDisk'] = (node, { disk }, call) =>
    this.#one('createDisk', node, `${whereOf(disk.location)} ${disk.sizeMib}`, call, (state) => {
      const path = whereOf(disk.location);
      if (state.disks.has(path)) return new StubRefusal(`${path} exists already`, 'exists');
      state.disks.set(path, disk.sizeMib);
      return undefined;
    });

  wipeDisk: NodeRpc['wipeDisk'] = (node, { disk }, call) =>
    this.#one('wipeDisk', node, whereOf(disk.location), call, (state) => {
      call?.onProgress?.({ fraction: 1 });
      state.contents.delete(whereOf(disk.location));
      return state.disks.has(whereOf(disk.location))
        ? undefined
        : new StubRefusal(`${whereOf(disk.location)} is missing`);
    });

  removeDisk: NodeRpc['removeDisk'] = (node, { disk }, call) =>
    this.#one('removeDisk', node, whereOf(disk.location), call, (state) => {
      state.disks.delete(whereOf(disk.location));
      state.contents.delete(whereOf(disk.location));
      return undefined;
    });

  installOs: NodeRpc['installOs'] = (node, { runtime }, call) =>
    this.#one(
      'installOs',
      node,
      `${runtime.instance.name} ${runtime.instance.os ?? ''}`,
      call,
      (state) =>
        osFlaw(runtime, state) ?? { logPath: `/var/log/os/add-${runtime.instance.name}.log` },
    );

  renameOs: NodeRpc['renameOs'] = (node, { runtime, oldName }, call) =>
    this.#one(
      'renameOs',
      node,
      `${oldName} ${runtime.instance.name}`,
      call,
      (state) => osFlaw(runtime, state) ?? {},
    );

  startInstance: NodeRpc['startInstance'] = (node, { runtime }, call) =>
    this.#one('startInstance', node, runtime.instance.name, call, (state) => {
      const missing = runtime.disks.find(({ location }) => !state.disks.has(whereOf(location)));
      if (missing !== undefined) return new StubRefusal(`${whereOf(missing.location)} is missing`);
      const { maxMemMib, vcpus } = runtime.beParams;
      state.running.set(runtime.instance.name, { running: true, memoryMib: maxMemMib, vcpus });
      return undefined;
    });

  stopInstance: NodeRpc['stopInstance'] = (node, { name }, call) =>
    this.#one('stopInstance', node, name, call, (state) => {
      state.running.delete(name);
      return undefined;
    });

  runHooks: HookNodes['runHooks'] = (nodes, { path, phase, env }, call) =>
    this.#many('hooks', nodes, `${path} ${phase}`, call, (_state, node) =>
      runStubHook(this.#options.hook, { path, phase, node, env }),
    );

  async #many<T>(
    method: string,
    nodes: readonly NodeId[],
    words: string,
    call: CallOptions | undefined,
    work: (state: StubNodeState, node: string) => T | StubRefusal,
  ): Promise<Replies<NodeId, T>> {
    const names = nodes.map((node) => this.#name(node)).join(',');
    this.#options.log(`rpc ${method} ${names} ${words}`.trimEnd());
    const replies = nodes.map(async (node) => {
      return [node, await this.#answer(method, node, call, work)] as const;
    });
    return new Map(await Promise.all(replies));
  }

  async #one<T>(
    method: string,
    node: NodeId,
    words: string,
    call: CallOptions | undefined,
    work: (state: StubNodeState, node: string) => T | StubRefusal,
  ): Promise<Reply<T>> {
    this.#options.log(`rpc ${method} ${this.#name(node)} ${words}`.trimEnd());
    return this.#answer(method, node, call, work);
  }

  async #answer<T>(
    method: string,
    node: NodeId,
    call: CallOptions | undefined,
    work: (state: StubNodeState, node: string) => T | StubRefusal,
  ): Promise<Reply<T>> {
    if (call?.signal?.aborted === true) return failed('aborted', 'aborted');
    const name = this.#name(node);
    if (!this.#states.has(node)) return failed(`there is no node ${name}`, 'unreachable');
    const fault = this.faults.next(method, name);
    if (fault?.kind === 'hang') return hang(call, this.#options.clock);
    const message = fault?.message ?? `${method} was made to fail`;
    if (fault !== undefined && fault.kind !== 'after') return failed(message, fault.failure);
    const value = work(this.state(node), name);
    if (value instanceof StubRefusal) return failed(value.message, value.failure);
    return fault === undefined ? answered(value) : failed(message, fault.failure);
  }

  #name(node: NodeId): string {
    return this.#options.nodes.get(node) ?? node;
  }
}

function osFlaw({ instance }: RuntimeInstance, state: StubNodeState): StubRefusal | undefined {
  const os = instance.os ?? '';
  const isThere = state.osDefinitions.has(baseName(os));
  return isThere ? undefined : new StubRefusal(`there is no OS '${os}'`);
}

function baseName(os: string): string {
  return os.split('+')[0] ?? os;
}

/** As on a real node: results in the order of names, and a script that breaks has refused. */
function runStubHook(
  hook: StubHook | undefined,
  call: Parameters<StubHook>[0],
): readonly HookScriptResult[] {
  try {
    return (hook?.(call) ?? []).toSorted((a, b) => (a.script < b.script ? -1 : 1));
  } catch (error) {
    return [{ script: 'stub', status: 'failed', output: String(error) }];
  }
}
