/**
 * Measures how well candidates would hold an instance, by what the nodes say of themselves.
 */
import { fillBeParams } from '../model/fill.js';
import { DISK_TEMPLATE_FACTS, type DiskTemplate } from '../model/disk-template.js';
import type { NodeId } from '../model/ids.js';
import type { Instance } from '../model/instance.js';
import type { AllocationRequest, AllocationView } from '../ports/allocator.js';
import { claimedOn, type Room } from '../ports/capacity.js';
import type { ConfigReader } from '../ports/config-store.js';
import type { NodeFacts, StorageUnit } from '../ports/node-facts.js';
import type { Candidate } from './candidates.js';
import type { Reasons } from './reasons.js';

/** A candidate that can hold the instance. */
export interface Measured extends Candidate {
  /** The lower of the shares of memory and of disk space that stay free, from 0 to 1. */
  readonly score: number;
  /** How many instances have it as primary node. */
  readonly instances: number;
}

/** The candidates that can hold the instance. */
export async function measure(
  candidates: readonly Candidate[],
  request: AllocationRequest,
  view: AllocationView,
  reasons: Reasons,
): Promise<readonly Measured[]> {
  if (candidates.length === 0) return [];
  const ids = candidates.map(({ node }) => node.id);
  const ask = { storage: unitsOf(request, view.config), hypervisor: request.hypervisor };
  const [replies, ...promised] = await Promise.all([
    view.rpc.nodeInfo(ids, ask, { signal: view.signal }),
    ...candidates.map((each) => promisedMemory(each, view)),
  ]);
  return candidates.flatMap((candidate, index) => {
    const reply = replies.get(candidate.node.id);
    const promisedMib = promised[index];
    const result =
      reply?.ok === true && promisedMib !== undefined
        ? judge(candidate, { facts: reply.payload, promisedMib }, request, view)
        : 'without an answer';
    if (typeof result !== 'string') return [result];
    reasons.add(result);
    return [];
  });
}

const KINDS: Readonly<Partial<Record<DiskTemplate, StorageUnit['kind']>>> = {
  file: 'file',
  sharedfile: 'sharedfile',
  gluster: 'gluster',
};

function unitsOf({ diskTemplate }: AllocationRequest, config: ConfigReader): StorageUnit[] {
  const setting = DISK_TEMPLATE_FACTS[diskTemplate].root;
  const key = setting === undefined ? undefined : config.cluster[setting];
  const kind = KINDS[diskTemplate];
  return key === undefined || kind === undefined ? [] : [{ kind, key }];
}

/** Memory that instances which should run, but do not, will take when they do. */
async function promisedMemory(
  { node }: Candidate,
  { config, rpc, signal }: AllocationView,
): Promise<number | undefined> {
  const wanted = primariesOn(node.id, config).filter(({ adminState }) => adminState === 'up');
  if (wanted.length === 0) return 0;
  const hypervisors = [...new Set(wanted.map(({ hypervisor }) => hypervisor))];
  const reply = await rpc.runningInstances(node.id, { hypervisors }, { signal });
  if (!reply.ok) return undefined;
  const running = new Set(reply.payload);
  return wanted
    .filter(({ name }) => !running.has(name))
    .reduce((sum, { beParams }) => sum + fillBeParams(config.cluster, beParams).maxMemMib, 0);
}

function primariesOn(node: NodeId, config: ConfigReader): readonly Instance[] {
  return config.instancesOn(node).filter(({ primaryNode }) => primaryNode === node);
}

/** What is known of a candidate. */
interface Known {
  readonly facts: NodeFacts;
  readonly promisedMib: number;
}

function judge(
  candidate: Candidate,
  { facts, promisedMib }: Known,
  request: AllocationRequest,
  { config, claimed }: Pick<AllocationView, 'config' | 'claimed'>,
): Measured | string {
  const others: Room = claimedOn(claimed, candidate.node.id, request.diskTemplate);
  const primaries = primariesOn(candidate.node.id, config);
  const memoryMib =
    facts.memoryFreeMib - promisedMib - others.memoryMib - request.beParams.maxMemMib;
  if (memoryMib < 0) return 'with too little memory';
  const [space] = facts.storage;
  const neededMib = request.disks.reduce((sum, { sizeMib }) => sum + sizeMib, others.diskMib);
  const spaceMib = space?.freeMib === undefined ? undefined : space.freeMib - neededMib;
  if (spaceMib !== undefined && spaceMib < 0) return 'with too little disk space';
  const vcpus = primaries
    .filter(({ adminState }) => adminState !== 'offline')
    .reduce(
      (sum, { beParams }) => sum + fillBeParams(config.cluster, beParams).vcpus,
      others.vcpus,
    );
  if (vcpus + request.beParams.vcpus > candidate.policy.vcpuRatio * facts.cpuTotal) {
    return 'with too few processors';
  }
  const score = Math.min(share(memoryMib, facts.memoryTotalMib), share(spaceMib, space?.totalMib));
  return { ...candidate, score, instances: primaries.length };
}

/** What cannot be told does not count against a node. */
function share(leftMib: number | undefined, totalMib: number | undefined): number {
  return leftMib === undefined || totalMib === undefined || totalMib <= 0 ? 1 : leftMib / totalMib;
}
