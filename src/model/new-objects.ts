/**
 * New objects out of the facts that matter, with the defaults of a new cluster (Ganeti's) for all
 * the rest. Serial numbers and times are the configuration store's work.
 */
import { BE_DEFAULTS } from './be-params.js';
import { type Cluster, FIRST_PORT } from './cluster.js';
import { HYPERVISOR_PARAMS } from './hypervisor-params.js';
import { HYPERVISOR_NAMES, type HypervisorName } from './hypervisor.js';
import type { Stored } from './ids.js';
import { POLICY_DEFAULTS } from './ipolicy.js';
import { NIC_DEFAULTS } from './nic.js';
import type { Node, NodeGroup } from './node.js';
import type { Params } from './params.js';

const STORED: Stored = { serial: 1, createdAtMs: 0, modifiedAtMs: 0, tags: [] };

/**
 * A cluster's settings. What has no sensible default has to be given.
 * @public
 */
export function newCluster(
  facts: Pick<Cluster, 'id' | 'name' | 'masterNode'> & Partial<Cluster>,
): Cluster {
  return {
    ...STORED,
    enabledHypervisors: ['kvm'],
    enabledDiskTemplates: ['file', 'sharedfile', 'diskless'],
    hvParams: Object.fromEntries(HYPERVISOR_NAMES.map((name) => [name, initialParams(name)])),
    osHvParams: {},
    beParams: BE_DEFAULTS,
    nicParams: NIC_DEFAULTS,
    ndParams: {},
    diskParams: {},
    osParams: {},
    osParamsPrivate: {},
    policy: POLICY_DEFAULTS,
    macPrefix: 'aa:00:00',
    portPool: [],
    highestUsedPort: FIRST_PORT - 1,
    wipeDisks: false,
    blacklistedOs: [],
    hiddenOs: [],
    primaryIpFamily: 4,
    compressionTools: ['gzip', 'gzip-fast', 'gzip-slow'],
    reservedVolumes: [],
    ...facts,
  };
}

function initialParams(name: HypervisorName): Params {
  const rows = Object.entries(HYPERVISOR_PARAMS[name]);
  return Object.fromEntries(rows.map(([key, spec]) => [key, spec.default]));
}

/**
 * A node group with nothing of its own.
 * @public
 */
export function newGroup(facts: Pick<NodeGroup, 'id' | 'name'> & Partial<NodeGroup>): NodeGroup {
  return {
    ...STORED,
    allocPolicy: 'preferred',
    ndParams: {},
    diskParams: {},
    policy: {},
    networks: {},
    ...facts,
  };
}

/**
 * A node that is online and may do everything. The secondary address is the primary one unless
 * given.
 * @public
 */
export function newNode(
  facts: Pick<Node, 'id' | 'name' | 'groupId' | 'primaryIp'> & Partial<Node>,
): Node {
  return {
    ...STORED,
    secondaryIp: facts.primaryIp,
    offline: false,
    drained: false,
    masterCandidate: true,
    masterCapable: true,
    vmCapable: true,
    ndParams: {},
    ...facts,
  };
}
