/**
 * Parameters of kvm that this driver does nothing about. Leaving one out silently would run a guest
 * that is not what was asked for, so each is refused unless it has the value that means nothing.
 *
 * Not among them, since they lose nothing: those about migration (this driver has none),
 * `kvm_path` (the driver's own option names the program), SPICE's details (they need `spice_bind`),
 * `vnet_hdr` and `kvm_pci_reservations` (QEMU decides), `keymap` (there is no screen).
 */
import type { Params, ParamValue } from '../../model/params.js';

const NEUTRAL: Readonly<Record<string, readonly ParamValue[]>> = {
  cdrom_disk_type: ['', 'ide'],
  cpu_mask: ['', 'all'],
  kvm_extra: [''],
  security_model: ['none'],
  soundhw: [''],
  spice_bind: [''],
  usb_devices: [''],
  usb_mouse: [''],
  use_chroot: [false],
  use_guest_agent: [false],
  user_shutdown: [false],
  vga: [''],
  virtio_net_queues: [0, 1],
  vnc_bind_address: [''],
};

const MACHINE = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const IMAGES = ['cdrom_image_path', 'cdrom2_image_path'];

/** The first parameter that would be ignored, as a sentence; `undefined` if there is none. */
export function unsupportedParam(params: Params): string | undefined {
  for (const [name, neutral] of Object.entries(NEUTRAL)) {
    const value = params[name];
    if (value === undefined || neutral.includes(value)) continue;
    const instead = JSON.stringify(neutral.at(-1));
    return `parameter '${name}' is not supported by this driver; set it to ${instead}`;
  }
  const machine = params['machine_version'];
  if (typeof machine === 'string' && machine !== '' && !MACHINE.test(machine)) {
    return `parameter 'machine_version' is '${machine}', which is no name of a machine`;
  }
  const remote = IMAGES.find((name) => /^[a-z]+:/.test(String(params[name] ?? '')));
  return remote === undefined
    ? undefined
    : `parameter '${remote}' is a URL, which this driver does not support; name a file`;
}
