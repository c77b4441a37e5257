/**
 * Node parameters: the cluster's, the group's and the node's own, over Ganeti's built-in values
 * (`NDC_DEFAULTS`). The allocator wants all of them.
 */
import type { Cluster } from '../../model/cluster.js';
import type { Node, NodeGroup } from '../../model/node.js';
import { fill, type Params } from '../../model/params.js';

const BUILT_IN: Params = {
  cpu_speed: 1,
  exclusive_storage: false,
  oob_program: '',
  ovs: false,
  ovs_link: '',
  ovs_name: 'switch1',
  spindle_count: 1,
  ssh_port: 22,
};

/** All parameters of a node; the node's own win. */
export function fillNodeParams(cluster: Cluster, group: NodeGroup, node: Node): Params {
  const layers = [BUILT_IN, cluster.ndParams, group.ndParams, node.ndParams];
  return fill<Record<string, Params[string]>>(...layers) as Params;
}
