/**
 * KVM, seen from the deciding side: which form each parameter must have. What the parameters do is
 * the node's business.
 */
import { HYPERVISOR_PARAMS } from '../model/hypervisor-params.js';
import type { Hypervisor } from '../ports/hypervisor.js';
import { cpuMasks } from './cpu-mask.js';
import { describeHypervisor } from './describe.js';
import {
  absolutePath,
  absolutePathOrUrl,
  between,
  type Form,
  notNegative,
  oneOf,
} from './forms.js';
import { KVM_COMBINATIONS } from './kvm-combinations.js';
import { MIGRATION_MODE, MIGRATION_PORT, REBOOT_BEHAVIOR } from './shared-rules.js';
import { optional, type RuleTable, required } from './syntax.js';

const DISK_TYPE = oneOf(
  'paravirtual',
  'ide',
  'scsi',
  'scsi-hd',
  'scsi-cd',
  'scsi-block',
  'scsi-generic',
  'sd',
  'mtd',
  'pflash',
);

const NIC_TYPE = oneOf(
  'paravirtual',
  'e1000',
  'rtl8139',
  'pcnet',
  'ne2k_pci',
  'ne2k_isa',
  'i82551',
  'i82557b',
  'i82559er',
);

const LOSSLESS = oneOf('off', 'auto_glz', 'auto_lz', 'quic', 'glz', 'lz');
const LOSSY = oneOf('auto', 'never', 'always');

const ipVersion: Form = (value) =>
  value === 0 || value === 4 || value === 6 ? undefined : 'must be 4, 6, or 0 for either';

const RULES: RuleTable = {
  boot_order: required(oneOf('disk', 'cdrom', 'floppy', 'network')),
  cdrom2_image_path: optional(absolutePathOrUrl),
  cdrom_disk_type: optional(DISK_TYPE),
  cdrom_image_path: optional(absolutePathOrUrl),
  cpu_cores: optional(notNegative),
  cpu_mask: optional(cpuMasks),
  cpu_sockets: optional(notNegative),
  cpu_threads: optional(notNegative),
  disk_aio: optional(oneOf('threads', 'native')),
  disk_cache: required(oneOf('default', 'none', 'writeback', 'writethrough')),
  disk_discard: optional(oneOf('default', 'ignore', 'unmap')),
  disk_type: required(DISK_TYPE),
  floppy_image_path: optional(absolutePath),
  initrd_path: optional(absolutePath),
  kernel_path: optional(absolutePath),
  kvm_flag: optional(oneOf('enabled', 'disabled')),
  kvm_path: required(absolutePath),
  kvm_pci_reservations: optional(between(0, 32)),
  mem_path: optional(absolutePath),
  migration_bandwidth: required(notNegative),
  migration_downtime: required(notNegative),
  migration_mode: MIGRATION_MODE,
  migration_port: MIGRATION_PORT,
  nic_type: required(NIC_TYPE),
  reboot_behavior: REBOOT_BEHAVIOR,
  scsi_controller_type: required(oneOf('lsi', 'virtio-scsi-pci', 'megasas')),
  security_model: required(oneOf('none', 'user', 'pool')),
  spice_image_compression: optional(LOSSLESS),
  spice_ip_version: optional(ipVersion),
  spice_jpeg_wan_compression: optional(LOSSY),
  spice_password_file: optional(absolutePath),
  spice_streaming_video: optional(oneOf('off', 'all', 'filter')),
  spice_zlib_glz_wan_compression: optional(LOSSY),
  usb_mouse: optional(oneOf('mouse', 'tablet')),
  virtio_net_queues: optional(between(1, 8)),
  vnc_password_file: optional(absolutePath),
  vnc_x509_path: optional(absolutePath),
};

/**
 * The `kvm` hypervisor. Its parameters and their rules are those of Ganeti's KVM support.
 * @public
 */
export function kvmHypervisor(): Hypervisor {
  return describeHypervisor({
    hypervisor: 'kvm',
    table: HYPERVISOR_PARAMS.kvm,
    rules: RULES,
    combinations: KVM_COMBINATIONS,
  });
}
