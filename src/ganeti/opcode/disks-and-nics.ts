/**
 * Disks and network cards of an opcode. Their fields are called the same on both sides, so that
 * writing them is copying.
 */
import { refuse } from '../../errors.js';
import type { DiskRequest, NicRequest } from '../../instance-create/op.js';
import { NIC_MODES } from '../../model/nic.js';
import type { Unsupported } from './unsupported.js';

/** A disk or card of an opcode, checked. */
type Wire = Readonly<Record<string, unknown>>;

type Check = (value: unknown) => boolean;

const isFilled: Check = (value) => typeof value === 'string' && value !== '';
const isText: Check = (value) => typeof value === 'string';
const isWord =
  (...words: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value);

/** What a field of ours can hold; its name is the same on both sides. */
const DISK_FIELDS: { readonly [K in keyof DiskRequest]-?: Check } = {
  size: (value) => typeof value === 'string' || typeof value === 'number',
  mode: isWord('rw', 'ro'),
  name: isFilled,
  adopt: isFilled,
};

const NIC_FIELDS: { readonly [K in keyof NicRequest]-?: Check } = {
  mac: isText,
  ip: isText,
  mode: isWord(...NIC_MODES, 'auto'),
  link: isText,
  bridge: isText,
  vlan: isText,
  name: isFilled,
  network: isText,
};

/** A disk. Throws `PrereqError` `wrong_input` if it has no size: no request can do without. */
export function readDisk(wire: Wire, index: number, unsupported: Unsupported): DiskRequest {
  const fields = readFields<DiskRequest>(wire, DISK_FIELDS, ['disks', index], unsupported);
  const { size } = wire;
  if (typeof size !== 'string' && typeof size !== 'number') {
    return refuse.input(`disks.${index}.size: is missing; give a number of MiB or text like "10g"`);
  }
  return { ...fields, size };
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

function readFields<T extends object>(
  wire: Wire,
  fields: { readonly [K in keyof T]-?: Check },
  path: readonly (string | number)[],
  unsupported: Unsupported,
): T {
  const checks: Readonly<Record<string, Check>> = fields;
  const kept: [string, unknown][] = [];
  for (const [key, value] of Object.entries(wire)) {
    if (Object.hasOwn(checks, key) && checks[key]?.(value) === true) kept.push([key, value]);
    else unsupported.add([...path, key], value);
  }
  return Object.fromEntries(kept) as T;
}
