/**
 * QEMU's command line for a guest: pure, so that every word of it can be read in a test. Nothing is
 * left to defaults that differ between versions or to configuration files.
 *
 * C1 every argument is either an option of ours or the value that follows one;
 * C2 text from outside is checked, or written in JSON, or has its commas doubled.
 */
import type { Params } from '../../model/params.js';
import { answered, failed, type Reply } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import { cardArguments, type QemuNetwork } from './cards.js';
import { driveArguments } from './drives.js';
import type { GuestFiles } from './guest-files.js';
import { unsupportedParam } from './unsupported.js';

/**
 * What executes the guest's instructions: `kvm`, the processor itself; `tcg`, a translator that
 * works everywhere and is slow.
 * @public
 */
export type QemuAccelerator = 'kvm' | 'tcg';

/** Everything that a command line is made of. */
export interface QemuGuest {
  /** The instance. */
  readonly runtime: RuntimeInstance;
  /** Its files. */
  readonly files: GuestFiles;
  /** Memory to start with, MiB. */
  readonly memoryMib: number;
  /** What may execute it; the first that works does. */
  readonly accelerators: readonly QemuAccelerator[];
  /** What its cards are connected to. */
  readonly network: QemuNetwork;
}

/** The arguments, or why this driver cannot run such a guest. */
export function qemuArguments(guest: QemuGuest): Reply<readonly string[]> {
  const { runtime, network } = guest;
  const params = runtime.hvParams;
  const unsupported = unsupportedParam(params);
  if (unsupported !== undefined) return failed(unsupported);
  const drives = driveArguments(runtime.disks, params);
  if (!drives.ok) return drives;
  const cards = cardArguments(runtime.nics, params, network);
  if (!cards.ok) return cards;
  return answered([
    ...identity(guest),
    ...machine(guest),
    ...drives.payload,
    ...cards.payload,
    ...kernel(params),
    ...channels(guest),
  ]);
}

/** The accelerators that an instance's parameters leave over. */
export function acceleratorsFor(
  params: Params,
  configured: readonly QemuAccelerator[],
): readonly QemuAccelerator[] {
  if (params['kvm_flag'] === 'enabled') return ['kvm'];
  return params['kvm_flag'] === 'disabled' ? ['tcg'] : configured;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function identity({ runtime, files }: QemuGuest): readonly string[] {
  const { id, name } = runtime.instance;
  const uuid = UUID.test(id) ? ['-uuid', id] : [];
  // Paused until the driver has seen to the rest.
  return ['-name', `guest=${name}`, ...uuid, '-pidfile', files.pid, '-S'];
}

function machine({ runtime, memoryMib, accelerators }: QemuGuest): readonly string[] {
  const params = runtime.hvParams;
  const type = String(params['machine_version'] ?? '') || 'pc';
  return [
    '-no-user-config',
    '-nodefaults',
    '-machine',
    params['acpi'] === false ? `${type},acpi=off` : type,
    ...accelerators.flatMap((name) => ['-accel', name]),
    ...valued('-cpu', params['cpu_type']),
    '-smp',
    processors(runtime.beParams.vcpus, params),
    '-m',
    String(memoryMib),
    ...valued('-mem-path', params['mem_path']),
    '-rtc',
    params['use_localtime'] === true ? 'base=localtime' : 'base=utc',
    ...(params['reboot_behavior'] === 'exit' ? ['-no-reboot'] : []),
  ];
}

function processors(vcpus: number, params: Params): string {
  const topology = ['sockets', 'cores', 'threads'].flatMap((part) => {
    const count = params[`cpu_${part}`];
    return typeof count === 'number' && count > 0 ? [`${part}=${count}`] : [];
  });
  return [`cpus=${vcpus}`, ...topology].join(',');
}

function kernel(params: Params): readonly string[] {
  const path = params['kernel_path'];
  if (typeof path !== 'string' || path === '') return [];
  const words = [
    `root=${String(params['root_path'])}`,
    String(params['kernel_args'] ?? ''),
    params['serial_console'] === true ? `console=ttyS0,${String(params['serial_speed'])}` : '',
  ];
  const append = words.filter((word) => word !== '').join(' ');
  return ['-kernel', path, ...valued('-initrd', params['initrd_path']), '-append', append];
}

function channels({ runtime, files }: QemuGuest): readonly string[] {
  const serial = [
    '-chardev',
    `file,id=serial0,path=${doubled(files.serial)},append=off`,
    '-serial',
    'chardev:serial0',
  ];
  return [
    '-display',
    'none',
    ...(runtime.hvParams['serial_console'] === false ? [] : serial),
    '-chardev',
    `socket,id=qmp0,path=${doubled(files.socket)},server=on,wait=off`,
    '-mon',
    'chardev=qmp0,mode=control',
  ];
}

function valued(option: string, value: unknown): readonly string[] {
  return typeof value === 'string' && value !== '' ? [option, value] : [];
}

/** In a list of options a comma ends a value, and two of them are one that does not. */
function doubled(text: string): string {
  return text.replaceAll(',', ',,');
}
