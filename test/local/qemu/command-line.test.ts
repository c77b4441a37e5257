/** QEMU's command line, word by word. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type QemuGuest, qemuArguments } from '../../../src/local/qemu/command-line.js';
import { tapsOf } from '../../../src/local/qemu/cards.js';
import { guestFiles, runDirFlaw } from '../../../src/local/qemu/guest-files.js';
import type { Params } from '../../../src/model/params.js';
import { diskAt, nicWith, runtimeOf, type Wish } from '../hypervisors/runtime.js';

test('should spell out a plain guest', () => {
  const disks = [diskAt('/srv/a, b=c/disk0')];

  const args = argumentsFor({ disks, memoryMib: 128, vcpus: 2 });

  // One option a line.
  expect(args.join(' ').replaceAll(/ (?=-)/g, '\n')).toMatchInlineSnapshot(`
    "-name guest=web1.example.com
    -uuid 6d1ee3a5-7e21-4f3c-9f0e-0b6a3c9a7b11
    -pidfile /run/kvm/web1.example.com/pid
    -S
    -no-user-config
    -nodefaults
    -machine pc
    -accel kvm
    -accel tcg
    -smp cpus=2
    -m 128
    -rtc base=utc
    -blockdev {"driver":"raw","node-name":"disk0","read-only":false,"file":{"driver":"file","filename":"/srv/a, b=c/disk0","aio":"threads"}}
    -device virtio-blk-pci,drive=disk0,bootindex=1
    -display none
    -chardev file,id=serial0,path=/run/kvm/web1.example.com/serial.log,append=off
    -serial chardev:serial0
    -chardev socket,id=qmp0,path=/run/kvm/.82c1a34869ebe223.qmp,server=on,wait=off
    -mon chardev=qmp0,mode=control"
  `);
});

test('should take processors, memory, machine and clock from the parameters', () => {
  const args = argumentsFor({
    vcpus: 8,
    hvParams: {
      cpu_cores: 2,
      cpu_threads: 2,
      cpu_sockets: 2,
      cpu_type: 'qemu64,+sse4.1',
      machine_version: 'pc-i440fx-7.2',
      acpi: false,
      use_localtime: true,
      reboot_behavior: 'exit',
      kvm_flag: 'enabled',
      serial_console: false,
    },
  });

  expect(valueOf(args, '-smp')).toBe('cpus=8,sockets=2,cores=2,threads=2');
  expect(valueOf(args, '-cpu')).toBe('qemu64,+sse4.1');
  expect(valueOf(args, '-machine')).toBe('pc-i440fx-7.2,acpi=off');
  expect(valueOf(args, '-rtc')).toBe('base=localtime');
  expect(args.filter((_word, index) => args[index - 1] === '-accel')).toEqual(['kvm']);
  expect(args).toContain('-no-reboot');
  expect(args).not.toContain('-serial');
});

test('should start a kernel with its root and its console', () => {
  const args = argumentsFor({
    hvParams: {
      kernel_path: '/boot/vmlinuz',
      initrd_path: '/boot/initrd',
      kernel_args: 'ro quiet',
    },
  });

  expect(valueOf(args, '-kernel')).toBe('/boot/vmlinuz');
  expect(valueOf(args, '-initrd')).toBe('/boot/initrd');
  expect(valueOf(args, '-append')).toBe('root=/dev/vda1 ro quiet console=ttyS0,38400');
});

const CACHES: readonly (readonly [Params, object, string])[] = [
  [{ disk_cache: 'none', disk_aio: 'native' }, { cache: { direct: true } }, ''],
  [{ disk_cache: 'writethrough' }, {}, ',write-cache=off'],
  [{ disk_cache: 'writeback', disk_discard: 'unmap' }, { discard: 'unmap' }, ''],
];

test.each(CACHES)('should set the cache of disks by %j', (hvParams, block, device) => {
  const args = argumentsFor({ disks: [diskAt('/d')], hvParams });

  expect(JSON.parse(valueOf(args, '-blockdev') ?? '')).toMatchObject({ driver: 'raw', ...block });
  expect(valueOf(args, '-device')).toBe(`virtio-blk-pci,drive=disk0,bootindex=1${device}`);
});

test('should boot from what the parameters say, and from nothing else', () => {
  const disks = [diskAt('/d0'), diskAt('/d1', 1)];
  const drives = { cdrom_image_path: '/c.iso', floppy_image_path: '/f.img' };
  const bootable = (order: string): readonly string[] =>
    argumentsFor({ disks, nics: [nicWith()], hvParams: { ...drives, boot_order: order } })
      .filter((word) => word.includes('bootindex'))
      .map((word) => word.split(',').slice(0, 2).join(' '));

  expect(bootable('disk')).toEqual(['virtio-blk-pci drive=disk0']);
  expect(bootable('cdrom')).toEqual(['ide-cd drive=cdrom0']);
  expect(bootable('floppy')).toEqual(['floppy drive=floppy0']);
  expect(bootable('network')).toEqual(['virtio-net-pci netdev=net0']);
});

test('should give bridged cards tap devices that are named after their addresses', () => {
  const nics = [nicWith({ link: 'br0' }), nicWith({ link: 'br1' }, 1)];

  const args = argumentsFor({ nics }, 'tap');

  expect(args.filter((_word, index) => args[index - 1] === '-netdev')).toEqual([
    'tap,id=net0,ifname=luaa0000000001,script=no,downscript=no',
    'tap,id=net1,ifname=luaa0000000002,script=no,downscript=no',
  ]);
  expect(tapsOf(nics, 'tap')).toEqual([
    { device: 'luaa0000000001', bridge: 'br0' },
    { device: 'luaa0000000002', bridge: 'br1' },
  ]);
  expect(tapsOf(nics, 'none')).toEqual([]);
});

const REFUSED: readonly (readonly [Wish, RegExp])[] = [
  [{ hvParams: { disk_type: 'pflash' } }, /disk_type 'pflash'.*paravirtual, ide, scsi/],
  [{ hvParams: { vnc_bind_address: '0.0.0.0' } }, /'vnc_bind_address'.*set it to ""/],
  [{ hvParams: { security_model: 'pool' } }, /'security_model'.*set it to "none"/],
  [{ hvParams: { kvm_extra: '-monitor stdio' } }, /'kvm_extra'/],
  [{ hvParams: { machine_version: 'pc,accel=kvm' } }, /'machine_version'.*no name/],
  [{ hvParams: { cdrom_image_path: 'http://x/y.iso' } }, /'cdrom_image_path'.*URL/],
  [{ nics: [nicWith({ mode: 'routed' })] }, /network card 0.*'routed'.*'bridged'/],
  [{ nics: [nicWith({ vlan: '.5' })] }, /network card 0.*VLAN '.5'/],
  [{ nics: [{ ...nicWith(), mac: 'aa:00,ifname=eth0' }] }, /network card 0.*no hardware address/],
];

test.each(REFUSED)('should refuse what it cannot do: %j', (wish, message) => {
  const reply = qemuArguments(guestOf(wish, 'tap'));

  expect(reply.ok ? 'accepted' : reply.message).toMatch(message);
});

test('given any path, then it stays one path, and no option is added', () => {
  const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
  const path = fc.string({ unit, minLength: 1 }).map((text) => `/${text}`);
  const others = (words: readonly string[]): string =>
    words.filter((word) => !word.startsWith('{')).join('\n');
  const plain = others(argumentsFor({ disks: [diskAt('/disk')] }));
  fc.assert(
    fc.property(path, (hostile) => {
      const args = argumentsFor({ disks: [diskAt(hostile)] });

      const block = JSON.parse(valueOf(args, '-blockdev') ?? '') as { file: { filename: string } };
      return block.file.filename === hostile && others(args) === plain;
    }),
  );
});

test('given a run directory with commas, then they do not end the socket path', () => {
  const files = guestFiles('/run/a,b', 'web1');

  const args = qemuArguments({ ...guestOf({}), files });

  const words = args.ok ? args.payload : [];
  expect(words.filter((word) => word.startsWith('socket,'))).toEqual([
    `socket,id=qmp0,path=${files.socket.replaceAll(',', ',,')},server=on,wait=off`,
  ]);
});

test('given a long instance name, then its control socket is as short as any', () => {
  const long = guestFiles('/run', `${'a'.repeat(249)}.com`);

  expect(long.socket.length).toBe(guestFiles('/run', 'b').socket.length);
  expect(runDirFlaw(`/${'r'.repeat(84)}`)).toBeUndefined();
  expect(runDirFlaw(`/${'r'.repeat(85)}`)).toMatch(/1 bytes too long.*shorter/);
});

function guestOf(wish: Wish, network: QemuGuest['network'] = 'none'): QemuGuest {
  const runtime = runtimeOf(wish);
  return {
    runtime,
    files: guestFiles('/run/kvm', runtime.instance.name),
    memoryMib: runtime.beParams.maxMemMib,
    accelerators: wish.hvParams?.['kvm_flag'] === 'enabled' ? ['kvm'] : ['kvm', 'tcg'],
    network,
  };
}

function argumentsFor(wish: Wish, network: QemuGuest['network'] = 'none'): readonly string[] {
  const reply = qemuArguments(guestOf(wish, network));
  if (!reply.ok) throw new Error(reply.message);
  return reply.payload;
}

function valueOf(args: readonly string[], option: string): string | undefined {
  return args[args.indexOf(option) + 1];
}
