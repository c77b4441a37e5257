/**
 * Makes whole configuration objects out of the few facts that a test cares about.
 */
import type { Cluster } from '../model/cluster.js';
import type { Disk } from '../model/disk.js';
import type { DiskId, GroupId, InstanceId, NodeId, Stored } from '../model/ids.js';
import type { Instance } from '../model/instance.js';
import { newCluster, newGroup, newNode } from '../model/new-objects.js';
import type { Node, NodeGroup } from '../model/node.js';
import type { Ids } from '../ports/clock.js';

const STORED: Stored = { serial: 1, createdAtMs: 0, modifiedAtMs: 0, tags: [] };

/** The group that test nodes belong to unless told otherwise. */
export const DEFAULT_GROUP: GroupId = 'group-default' as GroupId;

/**
 * A node id for a name: tests and transcripts read better without random ids.
 * @public
 */
export function nodeIdOf(name: string): NodeId {
  return `node-${name}` as NodeId;
}

/**
 * A cluster named `cluster.example.com`, led by `master`, with every default of a new one.
 * @public
 */
export function makeCluster(master: NodeId, facts: Partial<Cluster> = {}): Cluster {
  return newCluster({
    id: 'cluster-id',
    name: 'cluster.example.com',
    masterNode: master,
    enabledHypervisors: ['fake', 'kvm'],
    fileStorageDir: '/srv/ganeti/file-storage',
    sharedFileStorageDir: '/srv/ganeti/shared-file-storage',
    ...facts,
  });
}

/**
 * A node group with nothing of its own.
 * @public
 */
export function makeGroup(facts: Partial<NodeGroup> = {}): NodeGroup {
  return newGroup({ id: DEFAULT_GROUP, name: 'default', ...facts });
}

/**
 * A node that is online and may do everything.
 * @public
 */
export function makeNode(name: string, facts: Partial<Node> = {}): Node {
  return newNode({
    id: nodeIdOf(name),
    name,
    primaryIp: '192.0.2.1',
    groupId: DEFAULT_GROUP,
    ...facts,
  });
}

/**
 * A diskless instance that is down.
 * @public
 */
export function makeInstance(
  name: string,
  primaryNode: NodeId,
  ids: Ids,
  facts: Partial<Instance> = {},
): Instance {
  return {
    ...STORED,
    id: ids.uuid() as InstanceId,
    name,
    primaryNode,
    secondaryNodes: [],
    hypervisor: 'fake',
    hvParams: {},
    beParams: {},
    osParams: {},
    osParamsPrivate: {},
    adminState: 'down',
    nics: [],
    diskIds: [],
    diskTemplate: 'diskless',
    disksActive: false,
    ...facts,
  };
}

/**
 * A file disk of an instance, below the cluster's default directory.
 * @public
 */
export function makeDisk(
  instance: Instance,
  index: number,
  ids: Ids,
  facts: Partial<Disk> = {},
): Disk {
  const path = `/srv/ganeti/file-storage/${instance.name}/disk${index}`;
  return {
    ...STORED,
    id: ids.uuid() as DiskId,
    instanceId: instance.id,
    index,
    template: 'file',
    sizeMib: 1024,
    mode: 'rw',
    location: { kind: 'file', driver: 'loop', path },
    params: {},
    nodes: [instance.primaryNode],
    ...facts,
  };
}
