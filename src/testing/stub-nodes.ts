/**
 * Nodes in memory: they remember what exists on them, write one transcript line per call, and fail
 * where a fault plan says so. What a test asks at the end is `leftovers()`.
 */
import { whereOf } from '../model/disk.js';
import type { NodeId } from '../model/ids.js';
import type { Clock } from '../ports/clock.js';
import type { HookNodes } from '../ports/hook-node.js';
import { LimitedNodeRpc } from '../ports/limited-node-rpc.js';
import type { NodeRpc } from '../ports/node-rpc.js';
import type { RuntimeInstance } from '../ports/runtime.js';
import { FaultPlan } from './faults.js';
import { StubRefusal } from './stub-answers.js';
import { StubCalls } from './stub-calls.js';
import { runStubHook, type StubHook } from './stub-hooks.js';
import {
  assembleDisk,
  createDisk,
  hasDisk,
  imageDisk,
  mirrorStatus,
  pauseSync,
  placesOf,
  removeDisk,
  renameVolumes,
  snapshotDisk,
  stretch,
  volumes,
  wipeDisk,
} from './stub-disks.js';
import { type StubNodeState, emptyNode } from './stub-node-state.js';

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
  /**
   * Whether nodes refuse commands of owners who have lost their locks, as `LocalNode` does; true if
   * not given. False shows what goes wrong without.
   */
  readonly fencing?: boolean;
  /**
   * Whether nodes copy disks that are files while no guest runs on them, as `LocalNode` does; false
   * if not given, as with Ganeti's daemons.
   */
  readonly copiesFiles?: boolean;
}

/**
 * All nodes of a test cluster.
 * @public
 */
export class StubNodes extends LimitedNodeRpc implements NodeRpc, HookNodes {
  /** Which calls go wrong. */
  readonly faults: FaultPlan = new FaultPlan();
  /** Whether nodes copy disks that are files. */
  readonly copiesFiles?: true;
  readonly #options: StubNodesOptions;
  readonly #states = new Map<NodeId, StubNodeState>();
  readonly #calls: StubCalls;

  constructor(options: StubNodesOptions) {
    super();
    this.#options = options;
    for (const id of options.nodes.keys()) this.#states.set(id, emptyNode(options.initial));
    const { nodes, log, clock, fencing = true, copiesFiles = false } = options;
    if (copiesFiles) this.copiesFiles = true;
    const { faults } = this;
    this.#calls = new StubCalls({ nodes, log, clock, states: this.#states, faults, fencing });
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
        ...[...state.active].map((path) => `${node} active ${path}`),
        ...[...state.paused].map((path) => `${node} paused ${path}`),
        ...[...state.running.keys()].map((name) => `${node} running ${name}`),
      ];
    });
    return lines.sort();
  }

  nodeInfo: NodeRpc['nodeInfo'] = (nodes, request, call) =>
    this.#calls.many('nodeInfo', nodes, '', call, (state) => ({
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
    this.#calls.many('validateHypervisor', nodes, hypervisor, call, () => undefined);

  validateOs: NodeRpc['validateOs'] = (nodes, { os, forceVariant }, call) =>
    this.#calls.many('validateOs', nodes, os, call, (state) => {
      const [, variant] = os.split('+');
      const facts = state.osDefinitions.get(baseName(os));
      if (facts === undefined || variant === undefined || forceVariant) return facts !== undefined;
      const isListed = facts.variants.length === 0 || facts.variants.includes(variant);
      return isListed || new StubRefusal(`OS '${facts.name}' has no variant '${variant}'`);
    });

  findOs: NodeRpc['findOs'] = (node, { os }, call) =>
    this.#calls.one('findOs', node, os, call, (state) => state.osDefinitions.get(os));

  bridgesExist: NodeRpc['bridgesExist'] = (node, { bridges }, call) =>
    this.#calls.one('bridgesExist', node, bridges.join(' '), call, (state) => {
      const missing = bridges.filter((bridge) => !state.bridges.has(bridge));
      return missing.length === 0
        ? undefined
        : new StubRefusal(`bridge ${missing.join(', ')} is missing`);
    });

  instanceStatus: NodeRpc['instanceStatus'] = (node, { name }, call) =>
    this.#calls.one('instanceStatus', node, name, call, (state) => state.running.get(name));

  override readonly allInstances: NodeRpc['allInstances'] = (nodes, _request, call) =>
    this.#calls.many('allInstances', nodes, '', call, (state) => new Map(state.running));

  runningInstances: NodeRpc['runningInstances'] = (node, _request, call) =>
    this.#calls.one('runningInstances', node, '', call, (state) => [...state.running.keys()]);

  createStorageDir: NodeRpc['createStorageDir'] = (node, { path }, call) =>
    this.#calls.one('createStorageDir', node, path, call, (state) => {
      const isNew = !state.directories.has(path);
      state.directories.add(path);
      return isNew ? [path] : [];
    });

  removeStorageDir: NodeRpc['removeStorageDir'] = (node, { path }, call) =>
    this.#calls.one('removeStorageDir', node, path, call, (state) => {
      const full = [...state.disks.keys()].some((disk) => disk.startsWith(`${path}/`));
      if (full) return new StubRefusal(`${path} is not empty`, 'exists');
      state.directories.delete(path);
      return undefined;
    });

  createDisk: NodeRpc['createDisk'] = (node, request, call) => {
    const { location, sizeMib } = request.disk;
    return this.#calls.one('createDisk', node, `${whereOf(location)} ${sizeMib}`, call, (state) =>
      createDisk(state, request),
    );
  };

  wipeDisk: NodeRpc['wipeDisk'] = (node, request, call) =>
    this.#calls.one('wipeDisk', node, stretch(request), call, (state) => {
      call?.onProgress?.({ fraction: 1 });
      return wipeDisk(state, request);
    });

  removeDisk: NodeRpc['removeDisk'] = (node, request, call) =>
    this.#calls.one('removeDisk', node, whereOf(request.disk.location), call, (state) =>
      removeDisk(state, request),
    );

  override readonly imageDisk: NodeRpc['imageDisk'] = (node, request, call) => {
    const words = `${whereOf(request.disk.location)} ${request.image}`;
    return this.#calls.one('imageDisk', node, words, call, (state) => imageDisk(state, request));
  };

  override readonly assembleDisk: NodeRpc['assembleDisk'] = (node, request, call) =>
    this.#calls.one('assembleDisk', node, whereOf(request.disk.location), call, (state) =>
      assembleDisk(state, request),
    );

  override readonly shutdownDisk: NodeRpc['shutdownDisk'] = (node, { disk }, call) =>
    this.#calls.one('shutdownDisk', node, whereOf(disk.location), call, (state) => {
      state.active.delete(whereOf(disk.location));
      return undefined;
    });

  override readonly pauseSync: NodeRpc['pauseSync'] = (node, request, call) => {
    const words = `${request.pause ? 'pause' : 'resume'} ${placesOf(request.disks)}`;
    return this.#calls.one('pauseSync', node, words, call, (state) => pauseSync(state, request));
  };

  override readonly snapshotDisk: NodeRpc['snapshotDisk'] = (node, request, call) => {
    const words = [request.disk, request.snapshot].map(({ location }) => whereOf(location));
    return this.#calls.one('snapshotDisk', node, words.join(' -> '), call, (state) =>
      snapshotDisk(state, request, this.copiesFiles === true),
    );
  };

  override readonly mirrorStatus: NodeRpc['mirrorStatus'] = (node, request, call) =>
    this.#calls.one('mirrorStatus', node, placesOf(request.disks), call, (state) =>
      mirrorStatus(state, request),
    );

  override readonly volumeGroups: NodeRpc['volumeGroups'] = (node, _request, call) =>
    this.#calls.one('volumeGroups', node, '', call, (state) => new Map(state.volumeGroups));

  override readonly volumes: NodeRpc['volumes'] = (node, request, call) =>
    this.#calls.one('volumes', node, request.groups.join(' '), call, (state) =>
      volumes(state, request),
    );

  override readonly deviceSizes: NodeRpc['deviceSizes'] = (node, { paths }, call) =>
    this.#calls.one(
      'deviceSizes',
      node,
      paths.join(' '),
      call,
      ({ devices }) => new Map([...devices].filter(([path]) => paths.includes(path))),
    );

  override readonly renameVolumes: NodeRpc['renameVolumes'] = (node, request, call) => {
    const words = request.renames.map(({ disk, volumeNow }) => {
      return `${volumeNow} -> ${whereOf(disk.location)}`;
    });
    return this.#calls.one('renameVolumes', node, words.join(' '), call, (state) =>
      renameVolumes(state, request),
    );
  };

  installOs: NodeRpc['installOs'] = (node, { runtime }, call) =>
    this.#calls.one(
      'installOs',
      node,
      `${runtime.instance.name} ${runtime.instance.os ?? ''}`,
      call,
      (state) =>
        osFlaw(runtime, state) ?? { logPath: `/var/log/os/add-${runtime.instance.name}.log` },
    );

  renameOs: NodeRpc['renameOs'] = (node, { runtime, oldName }, call) =>
    this.#calls.one(
      'renameOs',
      node,
      `${oldName} ${runtime.instance.name}`,
      call,
      (state) => osFlaw(runtime, state) ?? {},
    );

  startInstance: NodeRpc['startInstance'] = (node, { runtime }, call) =>
    this.#calls.one('startInstance', node, runtime.instance.name, call, (state) => {
      const missing = runtime.disks.find(({ location }) => !hasDisk(state, location));
      if (missing !== undefined) return new StubRefusal(`${whereOf(missing.location)} is missing`);
      const { maxMemMib, vcpus } = runtime.beParams;
      state.running.set(runtime.instance.name, { running: true, memoryMib: maxMemMib, vcpus });
      return undefined;
    });

  stopInstance: NodeRpc['stopInstance'] = (node, { name }, call) =>
    this.#calls.one('stopInstance', node, name, call, (state) => {
      state.running.delete(name);
      return undefined;
    });

  override readonly publishMetadata: NodeRpc['publishMetadata'] = (node, { runtime }, call) =>
    this.#calls.one('publishMetadata', node, runtime.instance.name, call, () => undefined);

  runHooks: HookNodes['runHooks'] = (nodes, { path, phase, env }, call) =>
    this.#calls.many('hooks', nodes, `${path} ${phase}`, call, (_state, node) =>
      runStubHook(this.#options.hook, { path, phase, node, env }),
    );

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
