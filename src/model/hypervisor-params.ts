/**
 * The parameters of each hypervisor: name, type and the value a new cluster starts with. The names
 * and numbers are Ganeti's (`HVST_*`, `HVC_DEFAULTS`); OS scripts and hooks see them.
 */
import type { HypervisorName } from './hypervisor.js';
import type { ParamSpec, ParamTable, ParamType, ParamValue } from './params.js';

type Row = readonly [type: ParamType, initial: ParamValue];

/** Character devices that a container may use: null, zero, random, consoles and terminals. */
const LXC_DEVICES =
  'c 1:3 rw,c 1:5 rw,c 1:7 rw,c 1:8 rw,c 1:9 rw,c 1:10 rw,' +
  'c 5:0 rw,c 5:1 rw,c 5:2 rw,c 136:* rw';

const ROWS: Readonly<Record<HypervisorName, Readonly<Record<string, Row>>>> = {
  chroot: {
    init_script: ['string', '/ganeti-chroot'],
  },
  fake: {
    migration_mode: ['string', 'live'],
  },
  kvm: {
    acpi: ['bool', true],
    boot_order: ['string', 'disk'],
    cdrom2_image_path: ['string', ''],
    cdrom_disk_type: ['string', ''],
    cdrom_image_path: ['string', ''],
    cpu_cores: ['int', 0],
    cpu_mask: ['string', 'all'],
    cpu_sockets: ['int', 0],
    cpu_threads: ['int', 0],
    cpu_type: ['string', ''],
    disk_aio: ['string', 'threads'],
    disk_cache: ['string', 'default'],
    disk_discard: ['string', 'default'],
    disk_type: ['string', 'paravirtual'],
    floppy_image_path: ['string', ''],
    initrd_path: ['string', ''],
    kernel_args: ['string', 'ro'],
    kernel_path: ['string', '/boot/vmlinuz-3-kvmU'],
    keymap: ['string', ''],
    kvm_extra: ['string', ''],
    kvm_flag: ['string', ''],
    kvm_path: ['string', '/usr/bin/kvm'],
    kvm_pci_reservations: ['int', 12],
    machine_version: ['string', ''],
    mem_path: ['string', ''],
    migration_bandwidth: ['int', 32],
    migration_caps: ['string', ''],
    migration_downtime: ['int', 30],
    migration_mode: ['string', 'live'],
    migration_port: ['int', 8102],
    nic_type: ['string', 'paravirtual'],
    reboot_behavior: ['string', 'reboot'],
    root_path: ['maybe-string', '/dev/vda1'],
    scsi_controller_type: ['string', 'lsi'],
    security_domain: ['string', ''],
    security_model: ['string', 'none'],
    serial_console: ['bool', true],
    serial_speed: ['int', 38400],
    soundhw: ['string', ''],
    spice_bind: ['string', ''],
    spice_image_compression: ['string', ''],
    spice_ip_version: ['int', 0],
    spice_jpeg_wan_compression: ['string', ''],
    spice_password_file: ['string', ''],
    spice_playback_compression: ['bool', true],
    spice_streaming_video: ['string', ''],
    spice_tls_ciphers: ['string', 'HIGH:-DES:-3DES:-EXPORT:-DH'],
    spice_use_tls: ['bool', false],
    spice_use_vdagent: ['bool', true],
    spice_zlib_glz_wan_compression: ['string', ''],
    usb_devices: ['string', ''],
    usb_mouse: ['string', ''],
    use_chroot: ['bool', false],
    use_guest_agent: ['bool', false],
    use_localtime: ['bool', false],
    user_shutdown: ['bool', false],
    vga: ['string', ''],
    vhost_net: ['bool', false],
    virtio_net_queues: ['int', 1],
    vnc_bind_address: ['string', ''],
    vnc_password_file: ['string', ''],
    vnc_tls: ['bool', false],
    vnc_x509_path: ['string', ''],
    vnc_x509_verify: ['bool', false],
    vnet_hdr: ['bool', true],
  },
  lxc: {
    cpu_mask: ['string', ''],
    devices: ['string', LXC_DEVICES],
    drop_capabilities: ['string', 'mac_override,sys_boot,sys_module,sys_time,sys_admin'],
    extra_cgroups: ['string', ''],
    extra_config: ['string', ''],
    num_ttys: ['int', 6],
    startup_timeout: ['int', 30],
  },
  'xen-hvm': {
    acpi: ['bool', true],
    blockdev_prefix: ['string', 'hd'],
    boot_order: ['string', 'cd'],
    cdrom_image_path: ['string', ''],
    cpu_cap: ['int', 0],
    cpu_mask: ['string', 'all'],
    cpu_weight: ['int', 256],
    cpuid: ['string', ''],
    device_model: ['string', '/usr/lib/xen/bin/qemu-dm'],
    disk_type: ['string', 'paravirtual'],
    kernel_path: ['string', '/usr/lib/xen/boot/hvmloader'],
    migration_mode: ['string', 'non-live'],
    migration_port: ['int', 8002],
    nic_type: ['string', 'rtl8139'],
    pae: ['bool', true],
    pci_pass: ['string', ''],
    reboot_behavior: ['string', 'reboot'],
    soundhw: ['string', ''],
    use_localtime: ['bool', false],
    vif_script: ['string', ''],
    vif_type: ['string', 'ioemu'],
    viridian: ['bool', false],
    vnc_bind_address: ['string', '0.0.0.0'],
    vnc_password_file: ['string', '/etc/ganeti/vnc-cluster-password'],
    xen_cmd: ['string', 'xm'],
  },
  'xen-pvm': {
    blockdev_prefix: ['string', 'sd'],
    bootloader_args: ['string', ''],
    bootloader_path: ['string', ''],
    cpu_cap: ['int', 0],
    cpu_mask: ['string', 'all'],
    cpu_weight: ['int', 256],
    cpuid: ['string', ''],
    initrd_path: ['string', ''],
    kernel_args: ['string', 'ro'],
    kernel_path: ['string', '/boot/vmlinuz-3-xenU'],
    migration_mode: ['string', 'live'],
    migration_port: ['int', 8002],
    reboot_behavior: ['string', 'reboot'],
    root_path: ['maybe-string', '/dev/xvda1'],
    soundhw: ['string', ''],
    use_bootloader: ['bool', false],
    vif_script: ['string', ''],
    xen_cmd: ['string', 'xm'],
  },
};

/** Parameters that belong to the cluster as a whole (Ganeti's `HVC_GLOBALS`). */
const GLOBALS: ReadonlySet<string> = new Set([
  'migration_bandwidth',
  'migration_mode',
  'migration_port',
  'xen_cmd',
]);

/**
 * The parameter table of a hypervisor.
 * @public
 */
export const HYPERVISOR_PARAMS: Readonly<Record<HypervisorName, ParamTable>> = mapRows();

function mapRows(): Record<HypervisorName, ParamTable> {
  const entries = Object.entries(ROWS).map(([name, rows]) => [
    name,
    Object.fromEntries(tableOf(rows)),
  ]);
  return Object.fromEntries(entries) as Record<HypervisorName, ParamTable>;
}

function tableOf(rows: Readonly<Record<string, Row>>): [string, ParamSpec][] {
  return Object.entries(rows).map(([name, [type, initial]]) => [
    name,
    { type, default: initial, global: GLOBALS.has(name) },
  ]);
}
