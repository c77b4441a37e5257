/**
 * What the value of a parameter may look like: the forms that several hypervisors share. A form
 * judges one value and nothing else, so that it can stand in any hypervisor's table.
 */
import { isIPv4 } from 'node:net';
import type { ParamValue } from '../model/params.js';

/** What a value has to look like: a sentence that begins with "must", or nothing if it is fine. */
export type Form = (value: ParamValue) => string | undefined;

/** One of a list of words. */
export function oneOf(...words: readonly string[]): Form {
  return (value) =>
    typeof value === 'string' && words.includes(value)
      ? undefined
      : `must be one of ${words.join(', ')}`;
}

/** A number between two bounds, both allowed. */
export function between(least: number, most: number): Form {
  return (value) =>
    typeof value === 'number' && value >= least && value <= most
      ? undefined
      : `must be between ${least} and ${most}`;
}

/** A number from 0 on. */
export const notNegative: Form = (value) =>
  typeof value === 'number' && value >= 0 ? undefined : 'must not be negative';

/** A path from the root without detours. */
export const absolutePath: Form = (value) =>
  isPlainAbsolutePath(value)
    ? undefined
    : "must be an absolute path without '.', '..', doubled or trailing slashes";

/** A path as above, or the address of a file on a server. */
export const absolutePathOrUrl: Form = (value) =>
  isPlainAbsolutePath(value) || /^(https?|ftps?):\/\//.test(String(value))
    ? undefined
    : 'must be an absolute path without detours, or a URL (http, https, ftp, ftps)';

/** An address of the old kind. */
export const ipv4Address: Form = (value) =>
  isIPv4(String(value)) ? undefined : 'must be an IPv4 address, such as 0.0.0.0 for every one';

/** Two slashes at the very front are a root of their own to POSIX, and are let through. */
function isPlainAbsolutePath(value: ParamValue): boolean {
  if (typeof value !== 'string' || !value.startsWith('/') || value.includes('\0')) return false;
  const below = value.replace(/^\/\/?(?!\/)/, '');
  return below === '' || !below.split('/').some((s) => s === '' || s === '.' || s === '..');
}
