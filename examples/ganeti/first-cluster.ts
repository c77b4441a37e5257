/**
 * A cluster's first configuration, for nodes that no Ganeti cluster has claimed: their names and
 * addresses are all that has to be known.
 */
import {
  type GroupId,
  type InitConfigOptions,
  newCluster,
  newGroup,
  newNode,
  type NodeId,
} from 'logical-units';

/** What a configuration holds in the beginning. */
export type FirstConfig = Pick<InitConfigOptions, 'cluster' | 'nodes' | 'groups'>;

/** Nodes as `name=address`; the first one leads. */
export function firstCluster(given: readonly string[]): FirstConfig {
  const group = newGroup({ id: 'default' as GroupId, name: 'default' });
  const nodes = given.map((text) => {
    const [name = '', primaryIp = ''] = text.split('=');
    if (name === '' || primaryIp === '') throw new Error(`'${text}' is not NAME=ADDRESS`);
    return newNode({ id: name as NodeId, name, groupId: group.id, primaryIp });
  });
  const [first] = nodes;
  if (first === undefined) throw new Error('a cluster needs a node; give one by --node');
  const cluster = newCluster({
    id: 'first',
    name: 'cluster.example.com',
    masterNode: first.id,
    enabledHypervisors: ['fake', 'kvm'],
    enabledDiskTemplates: ['file', 'diskless'],
    fileStorageDir: '/srv/ganeti/file-storage',
    nicParams: { mode: 'bridged', link: 'br0', vlan: '' },
  });
  return { cluster, nodes, groups: [group] };
}
