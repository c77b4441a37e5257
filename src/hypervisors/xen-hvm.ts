/**
 * Xen's guests that see a whole machine, seen from the deciding side. Firmware boots them, devices
 * are emulated, and the screen is offered over VNC.
 */
import { HYPERVISOR_PARAMS } from '../model/hypervisor-params.js';
import type { Hypervisor } from '../ports/hypervisor.js';
import { describeHypervisor } from './describe.js';
import { absolutePath, between, type Form, ipv4Address, oneOf } from './forms.js';
import { optional, type RuleTable, required } from './syntax.js';
import { XEN_RULES } from './xen-rules.js';

const drives: Form = (value) =>
  /^[acdn]+$/.test(String(value))
    ? undefined
    : 'must be letters in the order of booting: a (floppy), c (disk), d (CD-ROM), n (network)';

const RULES: RuleTable = {
  ...XEN_RULES,
  boot_order: required(drives),
  cdrom_image_path: optional(absolutePath),
  // One less than with paravirtual guests, and no rule for the cap: so Ganeti has it.
  cpu_weight: optional(between(1, 65534)),
  device_model: required(absolutePath),
  disk_type: required(oneOf('paravirtual', 'ioemu')),
  nic_type: required(oneOf('rtl8139', 'ne2k_isa', 'ne2k_pci', 'e1000', 'paravirtual')),
  vif_type: optional(oneOf('ioemu', 'vif')),
  vnc_bind_address: optional(ipv4Address),
  vnc_password_file: required(absolutePath),
};

/**
 * The `xen-hvm` hypervisor. Its parameters and their rules are those of Ganeti's support for
 * fully virtual guests of Xen.
 * @public
 */
export function xenHvmHypervisor(): Hypervisor {
  return describeHypervisor({
    hypervisor: 'xen-hvm',
    table: HYPERVISOR_PARAMS['xen-hvm'],
    rules: RULES,
    combinations: [],
  });
}
