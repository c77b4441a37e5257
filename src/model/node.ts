/**
 * Nodes and node groups: the machines that run instances, and what they have in common.
 */
import type { DiskTemplate } from './disk-template.js';
import type { GroupId, NetworkId, NodeId, Stored } from './ids.js';
import type { InstancePolicy } from './ipolicy.js';
import type { NicParams } from './nic.js';
import type { Params } from './params.js';

/**
 * A machine that runs instances.
 * @public
 */
export interface Node extends Stored {
  /** The node's UUID. */
  readonly id: NodeId;
  /** Its host name. */
  readonly name: string;
  /** Address for control traffic. */
  readonly primaryIp: string;
  /** Address for replication traffic. */
  readonly secondaryIp: string;
  /** The group that it belongs to. */
  readonly groupId: GroupId;
  /** Known to be unreachable: never called. */
  readonly offline: boolean;
  /** To be emptied: gets no new instances. */
  readonly drained: boolean;
  /** May become master. */
  readonly masterCandidate: boolean;
  /** May hold cluster configuration. */
  readonly masterCapable: boolean;
  /** May run instances. */
  readonly vmCapable: boolean;
  /** What differs from the group's node parameters. */
  readonly ndParams: Params;
}

/**
 * How willing a group is to get instances from an allocator.
 * @public
 */
export type AllocPolicy = 'preferred' | 'last_resort' | 'unallocable';

/**
 * Nodes that belong together.
 * @public
 */
export interface NodeGroup extends Stored {
  /** The group's UUID. */
  readonly id: GroupId;
  /** Its name. */
  readonly name: string;
  /** How willing it is to get instances. */
  readonly allocPolicy: AllocPolicy;
  /** What differs from the cluster's node parameters. */
  readonly ndParams: Params;
  /** What differs from the cluster's disk parameters, by template. */
  readonly diskParams: Readonly<Partial<Record<DiskTemplate, Params>>>;
  /** What differs from the cluster's instance policy. */
  readonly policy: Partial<InstancePolicy>;
  /** The networks connected to this group, and how. */
  readonly networks: Readonly<Record<NetworkId, NicParams>>;
}
