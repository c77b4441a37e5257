/**
 * Looks whether the chosen nodes take new instances, and whether addresses clash with networks that
 * the nodes' group is connected to.
 */
import { BlockList, isIPv4 } from 'node:net';
import { refuse } from '../../errors.js';
import type { Network } from '../../model/network.js';
import type { Node } from '../../model/node.js';
import type { ConfigReader } from '../../ports/config-store.js';
import type { CreateNames, PlannedNodes } from '../types.js';
import type { PlannedNics } from './nics.js';

const FAULTS: readonly { readonly of: (node: Node) => boolean; readonly text: string }[] = [
  { of: (node) => node.offline, text: 'is marked offline' },
  { of: (node) => node.drained, text: 'is drained' },
  { of: (node) => !node.vmCapable, text: 'may not run instances' },
];

/** Nodes are online, not drained, and may run instances. */
export function checkNodes({ primary, secondaries }: PlannedNodes, config: ConfigReader): void {
  for (const { id } of [primary, ...secondaries]) {
    const node = config.node(id);
    const fault = FAULTS.find(({ of }) => of(node));
    if (fault === undefined) continue;
    refuse.state(`Node '${node.name}' ${fault.text}; change that, or choose another node`);
  }
}

/** A card outside networks has no address that belongs to one. */
export function checkConflicts(
  { checks }: CreateNames,
  { own }: PlannedNics,
  { primary }: PlannedNodes,
  config: ConfigReader,
): void {
  if (!checks.conflicts) return;
  const group = config.group(config.node(primary.id).groupId);
  for (const id of Object.keys(group.networks)) {
    const network = config.find('network', id);
    const clash = own.find(({ ip }) => ip !== undefined && holds(network, ip));
    if (network === undefined || clash === undefined) continue;
    refuse.state(
      `Address ${clash.ip ?? ''} belongs to network ${network.name}, and the card does not; ` +
        'choose another address, or skip conflictsCheck',
    );
  }
}

function holds(network: Network | undefined, ip: string): boolean {
  const [address = '', bits = ''] = network?.cidr.split('/') ?? [];
  if (!isIPv4(ip) || !isIPv4(address)) return false;
  const range = new BlockList();
  range.addSubnet(address, Number(bits), 'ipv4');
  return range.check(ip, 'ipv4');
}
