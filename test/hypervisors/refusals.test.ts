/** What each hypervisor refuses and accepts at the edges, and in which words. */
import { expect, test } from 'vitest';
import { PrereqError } from '../../src/errors.js';
import { allHypervisors } from '../../src/hypervisors/all.js';
import { chrootHypervisor } from '../../src/hypervisors/chroot.js';
import { fakeHypervisor } from '../../src/hypervisors/fake.js';
import { kvmHypervisor } from '../../src/hypervisors/kvm.js';
import { lxcHypervisor } from '../../src/hypervisors/lxc.js';
import { xenHvmHypervisor } from '../../src/hypervisors/xen-hvm.js';
import { xenPvmHypervisor } from '../../src/hypervisors/xen-pvm.js';
import { HYPERVISOR_NAMES } from '../../src/model/hypervisor.js';
import type { Params } from '../../src/model/params.js';
import { caught, initial } from './recorded.js';

const chroot = chrootHypervisor();
const fake = fakeHypervisor();
const kvm = kvmHypervisor();
const lxc = lxcHypervisor();
const hvm = xenHvmHypervisor();
const pvm = xenPvmHypervisor();

test.each<[typeof kvm, Params, RegExp]>([
  [kvm, { color: 'red' }, /'kvm' has no parameter 'color'/],
  [kvm, { toString: 'x' }, /no parameter 'toString'/],
  [kvm, { boot_order: '' }, /'boot_order'.*empty, but must be one of disk, cdrom/],
  [kvm, { boot_order: 'tape' }, /'boot_order'.*'tape'.*disk, cdrom, floppy, network/],
  [kvm, { boot_order: null }, /'boot_order'.*null.*must be of type string/],
  [kvm, { acpi: 'yes' }, /'acpi'.*must be of type bool/],
  [kvm, { cpu_cores: 1.5 }, /'cpu_cores'.*must be of type int/],
  [kvm, { kernel_path: '/boot/../etc/shadow' }, /'kernel_path'.*absolute path/],
  [kvm, { kernel_path: '/boot/' }, /'kernel_path'.*absolute path/],
  [kvm, { kernel_path: '/boot//x' }, /'kernel_path'.*absolute path/],
  [kvm, { kernel_path: '///boot' }, /'kernel_path'.*absolute path/],
  [kvm, { kernel_path: 'vmlinuz' }, /'kernel_path'.*absolute path/],
  [kvm, { kernel_path: '/boot/a\0b' }, /'kernel_path'.*absolute path/],
  [kvm, { cdrom_image_path: 'gopher://x/y' }, /'cdrom_image_path'.*URL/],
  [kvm, { cdrom_image_path: 'tftp://x/y' }, /'cdrom_image_path'.*'tftp:.*URL/],
  [kvm, { cpu_mask: '3-1' }, /'cpu_mask'.*masks/],
  [kvm, { migration_downtime: -1 }, /'migration_downtime'.*-1.*negative/],
  [kvm, { migration_port: 0 }, /'migration_port'.*is 0.*between 1 and 65534/],
  [kvm, { migration_port: 65535 }, /'migration_port'.*between 1 and 65534/],
  [kvm, { virtio_net_queues: 0 }, /'virtio_net_queues'.*between 1 and 8/],
  [kvm, { cpu_sockets: -1 }, /'cpu_sockets'.*negative/],
  [kvm, { spice_use_tls: true }, /'spice_use_tls'.*'spice_bind'/],
  [kvm, { spice_ip_version: 5 }, /'spice_ip_version' .*is 5.*4, 6, or 0/],
  [kvm, { spice_bind: '::1', spice_ip_version: 4 }, /IPv6.*is 4/],
  [kvm, { security_model: 'user' }, /'security_domain' must name/],
  [kvm, { security_domain: 'kvm' }, /'security_domain' is set.*empty it/],
  [kvm, { boot_order: 'cdrom' }, /'cdrom_image_path' must name/],
  [kvm, { disk_aio: 'native' }, /'disk_aio'.*'disk_cache' none/],
  [chroot, { init_script: 'start' }, /'init_script'.*'chroot'.*'start'.*absolute path/],
  [chroot, { init_script: '' }, /'init_script'.*empty, but must be an absolute path/],
  [fake, { migration_mode: 'warp' }, /'migration_mode'.*'fake'.*'warp'.*live, non-live/],
  [lxc, { cpu_mask: 'all' }, /'cpu_mask'.*'lxc'.*'all'.*such as '0-3,8'/],
  [lxc, { cpu_mask: '0-3:1' }, /'cpu_mask'.*'0-3:1'/],
  [lxc, { cpu_mask: '0-3,' }, /'cpu_mask'.*'0-3,'/],
  [lxc, { num_ttys: -1 }, /'num_ttys'.*-1.*negative/],
  [lxc, { startup_timeout: -1 }, /'startup_timeout'.*-1.*negative/],
  [hvm, { boot_order: 'cab' }, /'boot_order'.*'cab'.*a \(floppy\).*n \(network\)/],
  [hvm, { boot_order: 'cd\n' }, /'boot_order'/],
  [hvm, { vnc_bind_address: '::1' }, /'vnc_bind_address'.*'::1'.*IPv4/],
  [hvm, { vnc_password_file: '' }, /'vnc_password_file'.*empty, but must be an absolute path/],
  [hvm, { cpu_weight: 0 }, /'cpu_weight'.*is 0.*between 1 and 65534/],
  [hvm, { cpu_weight: 65535 }, /'cpu_weight'.*between 1 and 65534/],
  [hvm, { disk_type: 'ide' }, /'disk_type'.*'ide'.*paravirtual, ioemu/],
  [hvm, { xen_cmd: 'xe' }, /'xen_cmd'.*'xen-hvm'.*'xe'.*xl, xm/],
  [pvm, { kernel_path: '', use_bootloader: true }, /'kernel_path'.*empty/],
  [pvm, { cpu_weight: 65536 }, /'cpu_weight'.*'xen-pvm'.*65536.*between 1 and 65535/],
  [pvm, { cpu_cap: -1 }, /'cpu_cap'.*-1.*negative/],
  [pvm, { bootloader_path: 'pygrub' }, /'bootloader_path'.*'pygrub'.*absolute path/],
])('should refuse of $name %j, in words that help', (hypervisor, params, message) => {
  const error = caught(() => hypervisor.checkSyntax({ ...initial(hypervisor), ...params }));

  expect(error).toBeInstanceOf(PrereqError);
  expect(error).toMatchObject({ code: 'wrong_input' });
  expect(String(error)).toMatch(message);
});

test.each<[typeof kvm, Params]>([
  // Zero is a value like any other, and not an empty one.
  [kvm, { migration_downtime: 0, migration_bandwidth: 0, cpu_cores: 0, kvm_pci_reservations: 0 }],
  [kvm, { cdrom_image_path: 'ftps://example.com/a.iso', cdrom2_image_path: 'http://example.com' }],
  [kvm, { kernel_path: '//srv/vmlinuz', initrd_path: '/' }],
  [kvm, { root_path: null, kernel_path: '' }],
  [kvm, { cpu_mask: '0, 2 - 3:all::1', virtio_net_queues: 8 }],
  [lxc, { num_ttys: 0, startup_timeout: 0, cpu_mask: '0-1,5' }],
  [hvm, { boot_order: 'ndca', cpu_cap: -1, cpu_weight: 65534, pci_pass: 'anything' }],
  [hvm, { vnc_bind_address: '', vif_type: '', vif_script: '', cdrom_image_path: '' }],
  [pvm, { cpu_cap: 0, cpu_weight: 65535, root_path: null, migration_port: 65534 }],
])('should accept of $name %j', (hypervisor, params) => {
  const error = caught(() => hypervisor.checkSyntax({ ...initial(hypervisor), ...params }));

  expect(error).toBeUndefined();
});

test.each(allHypervisors())('should name the parameter that is missing of $name', (hypervisor) => {
  for (const name of Object.keys(hypervisor.params)) {
    const { [name]: _, ...others } = initial(hypervisor);

    const error = caught(() => hypervisor.checkSyntax(others));

    expect(error).toMatchObject({ code: 'wrong_input' });
    expect(String(error)).toContain(`'${name}' of hypervisor '${hypervisor.name}' is missing`);
  }
});

test('should offer every hypervisor that the model knows, each once', () => {
  expect(allHypervisors().map(({ name }) => name)).toEqual(HYPERVISOR_NAMES);
});

test('should know which hypervisors need a console port and how guests call their disks', () => {
  const facts = allHypervisors().map(({ name, needsPort, guestDiskPrefix }) => [
    name,
    needsPort,
    guestDiskPrefix,
  ]);

  expect(facts).toEqual([
    ['chroot', false, undefined],
    ['fake', false, undefined],
    ['kvm', true, '/dev/vd'],
    ['lxc', false, undefined],
    ['xen-hvm', true, '/dev/xvd'],
    ['xen-pvm', false, '/dev/xvd'],
  ]);
});
