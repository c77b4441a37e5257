/**
 * Disks and network cards of an opcode. Their fields are called the same on both sides.
 */
import type { DiskRequest, NicRequest } from '../../instance-create/op.js';
import type { Unsupported } from './unsupported.js';

/** A disk or card of an opcode, checked. */
type Wire = Readonly<Record<string, unknown>>;

type Check = (value: unknown) => boolean;

const isFilled: Check = (value) => typeof value === 'string' && value !== '';
const isText: Check = (value) => typeof value === 'string';
const isPlain: Check = (value) => typeof value === 'string' || typeof value === 'number';

type DiskField = Exclude<keyof DiskRequest, 'providerParams'>;

/** What a field of ours can hold; its name is the same on both sides. */
const DISK_FIELDS: { readonly [K in DiskField]-?: Check } = {
  size: isPlain,
  mode: isFilled,
  name: isFilled,
  adopt: isFilled,
  vg: isFilled,
  metavg: isFilled,
  access: isFilled,
  spindles: (value) => typeof value === 'number',
  provider: isFilled,
};

const NIC_FIELDS: { readonly [K in keyof NicRequest]-?: Check } = {
  mac: isText,
  ip: isText,
  mode: isText,
  link: isText,
  bridge: isText,
  vlan: isText,
  name: isFilled,
  network: isText,
};

/** A disk. What is no parameter of disks is one of the provider's. */
export function readDisk(wire: Wire, index: number, unsupported: Unsupported): DiskRequest {
  const entries = Object.entries(wire);
  const own = entries.filter(([key]) => Object.hasOwn(DISK_FIELDS, key));
  const others = entries.filter(([key]) => !Object.hasOwn(DISK_FIELDS, key));
  const fields = Object.fromEntries(own);
  const disk = readFields<DiskRequest>(fields, DISK_FIELDS, ['disks', index], unsupported);
  if (others.length === 0) return disk;
  // The opcode's check has seen to it that these are texts and whole numbers.
  return { ...disk, providerParams: Object.fromEntries(others as [string, string | number][]) };
}

/** A card. A value that is null is not given, but for the hardware address. */
export function readNic(wire: Wire, index: number, unsupported: Unsupported): NicRequest {
  const given = Object.entries(wire).filter(([key, value]) => value !== null || key === 'mac');
  return readFields<NicRequest>(
    Object.fromEntries(given),
    NIC_FIELDS,
    ['nics', index],
    unsupported,
  );
}

/** The fields that hold what they can. Whether one is missing is the request's schema's matter. */
function readFields<T extends object>(
  wire: Wire,
  checks: Readonly<Record<string, Check>>,
  path: readonly (string | number)[],
  unsupported: Unsupported,
): T {
  const kept: [string, unknown][] = [];
  for (const [key, value] of Object.entries(wire)) {
    if (Object.hasOwn(checks, key) && checks[key]?.(value) === true) kept.push([key, value]);
    else unsupported.add([...path, key], value);
  }
  return Object.fromEntries(kept) as T;
}
