/**
 * Brings the values of a disk request to their types (Ganeti's `IDISK_PARAMS_TYPES`).
 */
import { refuse } from '../../errors.js';
import { coerceParam, type ParamType } from '../../model/params.js';
import type { DiskRequest } from '../op.js';

/**
 * A disk as somebody asks for it, before it is known that size and mode make sense. `spindles` may
 * be text, as in requests from elsewhere.
 * @public
 */
export type GivenDisk = Omit<DiskRequest, 'size' | 'mode' | 'spindles'> & {
  readonly size?: number | string;
  readonly mode?: string;
  readonly spindles?: number | string;
};

const TYPES: Readonly<Record<keyof Omit<DiskRequest, 'providerParams'>, ParamType>> = {
  size: 'size',
  mode: 'string',
  name: 'maybe-string',
  adopt: 'string',
  vg: 'string',
  metavg: 'string',
  access: 'string',
  spindles: 'int',
  provider: 'string',
};

/** The disk with sizes in MiB and text where text is wanted; throws what does not fit. */
export function withTypes({ providerParams = {}, ...given }: GivenDisk, index: number): GivenDisk {
  for (const name of Object.keys(providerParams)) {
    refuse.input(`Disk ${index}: there is no parameter '${name}'; leave it out`, {
      about: 'parameter-type',
    });
  }
  const typed: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(TYPES)) {
    const value = given[name as keyof typeof TYPES];
    if (value !== undefined) typed[name] = coerced(index, name, type, value);
  }
  return typed;
}

function coerced(index: number, name: string, type: ParamType, value: unknown): unknown {
  const result = coerceParam(type, value);
  if (result !== undefined) return result;
  const size = type === 'size' ? '; give MiB, or text such as 512m, 10g or 1.5T' : '';
  return refuse.input(`Disk ${index}: '${String(value)}' is no ${name}${size}`, {
    about: 'parameter-type',
  });
}
