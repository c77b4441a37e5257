/**
 * A guest's network cards as QEMU arguments. A bridged card gets a tap device, which QEMU makes
 * and which ends with QEMU; the driver puts it on the bridge. Without a network each card is
 * plugged into a hub of its own: the guest sees it, and nothing answers.
 */
import type { Params } from '../../model/params.js';
import { answered, failed, type Reply } from '../../ports/reply.js';
import type { RuntimeNic } from '../../ports/runtime.js';

/**
 * What guests' cards are connected to: `tap`, the bridges that they ask for; `none`, nothing.
 * @public
 */
export type QemuNetwork = 'tap' | 'none';

const CARDS: Readonly<Record<string, string>> = {
  paravirtual: 'virtio-net-pci',
  e1000: 'e1000',
  rtl8139: 'rtl8139',
  pcnet: 'pcnet',
  ne2k_pci: 'ne2k_pci',
  ne2k_isa: 'ne2k_isa',
  i82551: 'i82551',
  i82557b: 'i82557b',
  i82559er: 'i82559er',
};

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/** A tap device and the bridge that it belongs on. */
export interface Tap {
  /** Name of the device. */
  readonly device: string;
  /** Name of the bridge. */
  readonly bridge: string;
}

/** The tap devices that a guest needs. */
export function tapsOf(nics: readonly RuntimeNic[], network: QemuNetwork): readonly Tap[] {
  if (network === 'none') return [];
  return nics.map((nic) => ({ device: tapName(nic), bridge: nic.params.link }));
}

/** All network cards of a guest. */
export function cardArguments(
  nics: readonly RuntimeNic[],
  params: Params,
  network: QemuNetwork,
): Reply<readonly string[]> {
  for (const [index, nic] of nics.entries()) {
    const flaw = flawOf(nic, network);
    if (flaw !== undefined) return failed(`network card ${index}: ${flaw}`);
  }
  return answered(nics.flatMap((nic, index) => oneCard(nic, index, params, network)));
}

function oneCard(
  nic: RuntimeNic,
  index: number,
  params: Params,
  network: QemuNetwork,
): readonly string[] {
  const model = CARDS[String(params['nic_type'])] ?? 'virtio-net-pci';
  const byNetwork = params['boot_order'] === 'network';
  const vhost = params['vhost_net'] === true && model === 'virtio-net-pci' ? ',vhost=on' : '';
  const backend =
    network === 'none'
      ? `hubport,id=net${index},hubid=${index}`
      : `tap,id=net${index},ifname=${tapName(nic)},script=no,downscript=no${vhost}`;
  // Without a boot program the card does not delay the start, nor need a file of one.
  const boot = byNetwork ? `bootindex=${index + 1}` : 'romfile=';
  const isIsa = model === 'ne2k_isa';
  const device = [model, `netdev=net${index}`, `mac=${nic.mac}`, ...(isIsa ? [] : [boot])];
  return ['-netdev', backend, '-device', device.join(',')];
}

function flawOf(nic: RuntimeNic, network: QemuNetwork): string | undefined {
  if (!MAC.test(nic.mac)) return `'${nic.mac}' is no hardware address`;
  if (network === 'none') return undefined;
  if (nic.params.mode !== 'bridged') {
    return `mode '${nic.params.mode}' is not supported by this driver; use mode 'bridged'`;
  }
  return nic.params.vlan === ''
    ? undefined
    : `VLAN '${nic.params.vlan}' is not supported by this driver; leave it empty`;
}

/** Names of devices have 15 letters at most, and no two cards of a cluster share an address. */
function tapName(nic: RuntimeNic): string {
  return `lu${nic.mac.replaceAll(':', '')}`;
}
