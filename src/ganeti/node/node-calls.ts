/**
 * Questions about nodes as machines: what they have, what they accept, which guests they run.
 */
import { z } from 'zod';
import { fillPlainHvParams } from '../../model/fill.js';
import type { HypervisorName } from '../../model/hypervisor.js';
import type { NodeId } from '../../model/ids.js';
import type { Params } from '../../model/params.js';
import type { ConfigReader } from '../../ports/config-store.js';
import type {
  InstanceStatus,
  NodeFacts,
  StorageSpace,
  StorageUnit,
} from '../../ports/node-facts.js';
import type { NodeRpc } from '../../ports/node-rpc.js';
import { optional } from '../export/optional.js';
import { once } from '../wire/check.js';
import { fillNodeParams } from '../wire/node-params.js';
import type { NodeCaller } from './caller.js';
import { list, mapping, maybe, nothing, numeric } from './payloads.js';
import type { WireValue } from './transport.js';

type NodeCalls = Pick<
  NodeRpc,
  | 'nodeInfo'
  | 'validateHypervisor'
  | 'bridgesExist'
  | 'instanceStatus'
  | 'allInstances'
  | 'runningInstances'
>;

/** The calls. */
export function nodeCalls(caller: NodeCaller): NodeCalls {
  const { config } = caller;
  return {
    nodeInfo: (nodes, request, call) => {
      const units = storageUnits(nodes, request.storage, config);
      const specs = hvSpecs(request, config);
      return caller.many(
        nodes,
        {
          procedure: 'node_info',
          args: { storage_units: units, hv_specs: specs },
          wire: (node) => [units?.[node] ?? null, specs],
          reads: () => nodeFactsSchema(request.storage),
        },
        call,
      );
    },
    validateHypervisor: (nodes, { hypervisor, params }, call) =>
      caller.many(
        nodes,
        {
          procedure: 'hypervisor_validate_params',
          args: { hvname: hypervisor, hvfull: params },
          reads: nothing,
        },
        call,
      ),
    bridgesExist: (node, { bridges }, call) =>
      caller.one(
        node,
        { procedure: 'bridges_exist', args: { bridges_list: bridges }, reads: nothing },
        call,
      ),
    ...guestQuestions(caller),
  };
}

function guestQuestions(
  caller: NodeCaller,
): Pick<NodeCalls, 'instanceStatus' | 'allInstances' | 'runningInstances'> {
  const filled = (names: readonly HypervisorName[]): Readonly<Record<string, Params>> =>
    Object.fromEntries(names.map((name) => [name, clusterParams(name, caller.config)]));
  return {
    instanceStatus: (node, { name, hypervisor, hvParams }, call) =>
      caller.one(
        node,
        {
          procedure: 'instance_info',
          args: { instance: name, hname: hypervisor, hvparams: hvParams },
          reads: oneStatus,
        },
        call,
      ),
    allInstances: (nodes, { hypervisors, hvParams }, call) => {
      const all = { ...filled(hypervisors), ...optional(hvParams) };
      return caller.many(
        nodes,
        {
          procedure: 'all_instances_info',
          args: { hypervisor_list: hypervisors, all_hvparams: all },
          reads: allStatus,
        },
        call,
      );
    },
    runningInstances: (node, { hypervisors }, call) =>
      caller.one(
        node,
        {
          procedure: 'instance_list',
          args: { hypervisor_list: hypervisors, all_hvparams: filled(hypervisors) },
          reads: names,
        },
        call,
      ),
  };
}

/** Storage by node; null if none is asked for. */
function storageUnits(
  nodes: readonly NodeId[],
  storage: readonly StorageUnit[],
  config: ConfigReader,
): Readonly<Record<string, WireValue>> | null {
  if (storage.length === 0) return null;
  return Object.fromEntries(nodes.map((id) => [id, unitsOf(id, storage, config)]));
}

/** Where storage is exclusive, a volume group's spindles count as much as its space. */
function unitsOf(
  id: NodeId,
  storage: readonly StorageUnit[],
  config: ConfigReader,
): readonly WireValue[] {
  const isExclusive = unitParams('lvm-vg', id, config)[0] === true;
  const groups = storage.filter(({ kind }) => isExclusive && kind === 'lvm-vg');
  const spindles = groups.map(({ key }): StorageUnit => ({ kind: 'lvm-pv', key }));
  return [...storage, ...spindles].map(({ kind, key }) => [
    IN_DIRECTORIES.has(kind) ? 'file' : kind,
    key,
    unitParams(kind, id, config),
  ]);
}

/** Daemons tell the space of directories as that of files, whatever lies in them. */
const IN_DIRECTORIES: ReadonlySet<StorageUnit['kind']> = new Set(['file', 'sharedfile', 'gluster']);

/** LVM is told whether volume groups are shared between instances; the others want nothing. */
function unitParams(
  kind: StorageUnit['kind'],
  id: NodeId,
  config: ConfigReader,
): readonly WireValue[] {
  if (kind !== 'lvm-vg' && kind !== 'lvm-pv') return [];
  const node = config.find('node', id);
  if (node === undefined) return [false];
  const params = fillNodeParams(config.cluster, config.group(node.groupId), node);
  return [params['exclusive_storage'] === true];
}

function hvSpecs(
  { hypervisor, hvParams }: { hypervisor?: HypervisorName; hvParams?: Params },
  config: ConfigReader,
): WireValue {
  // Memory and processors are told by a hypervisor only; whose does not matter.
  const [usual] = config.cluster.enabledHypervisors;
  const asked = hypervisor ?? usual;
  if (asked === undefined) return null;
  return [[asked, hvParams ?? clusterParams(asked, config)]];
}

function clusterParams(hypervisor: HypervisorName, { cluster }: ConfigReader): Params {
  return fillPlainHvParams(cluster, hypervisor, {});
}

const count = (): z.ZodType<number | undefined> => maybe(z.number());

const nodeInfo = once(() =>
  z.tuple([
    z.unknown(),
    list(z.object({ type: maybe(z.string()), storage_size: count(), storage_free: count() })),
    list(
      z.object({
        memory_total: count(),
        memory_free: count(),
        memory_dom0: count(),
        cpu_total: count(),
        cpu_dom0: count(),
      }),
    ),
  ]),
);

/** What a node does not tell it has none of; storage is told in the order of the question. */
function nodeFactsSchema(asked: readonly StorageUnit[]): z.ZodType<NodeFacts> {
  return nodeInfo().transform(([, storage, [hypervisor]]) => ({
    memoryTotalMib: hypervisor?.memory_total ?? 0,
    memoryFreeMib: hypervisor?.memory_free ?? 0,
    memoryNodeMib: hypervisor?.memory_dom0 ?? 0,
    cpuTotal: hypervisor?.cpu_total ?? 0,
    ...optional({ cpuNode: hypervisor?.cpu_dom0 }),
    storage: [
      ...asked.map(({ kind, key }, index) => spaceOf(kind, key, storage[index])),
      ...storage
        .slice(asked.length)
        .flatMap((report) => (report.type === 'lvm-pv' ? [spaceOf('lvm-pv', '', report)] : [])),
    ],
  }));
}

function spaceOf(
  kind: StorageUnit['kind'],
  key: string,
  report: {
    readonly storage_size?: number | undefined;
    readonly storage_free?: number | undefined;
  } = {},
): StorageSpace {
  return {
    kind,
    key,
    ...optional({ totalMib: report.storage_size, freeMib: report.storage_free }),
  };
}

/** State of a guest that has ended itself, but that the hypervisor still knows. */
const SHUT_DOWN = 1;

const status = once(() =>
  z.object({ memory: maybe(numeric()), vcpus: maybe(numeric()), state: count() }).transform(
    ({ memory, vcpus, state }): InstanceStatus => ({
      running: state !== undefined && state !== SHUT_DOWN,
      memoryMib: memory ?? 0,
      vcpus: vcpus ?? 0,
    }),
  ),
);

/** An empty answer says that the node does not know the instance. */
const oneStatus = once(() => z.union([z.strictObject({}).transform(() => undefined), status()]));

const allStatus = once(() => mapping(status()));

const names = once(() => z.array(z.string()));
