/**
 * Parameters of hypervisors, backend and operating systems in an opcode, both ways.
 */
import type { OsParamValue, ParamValue } from '../../model/params.js';
import { Secret } from '../../model/secret.js';
import { ourBeName, wireBeName } from '../wire/be-names.js';
import type { Unsupported } from './unsupported.js';

type Dict = Readonly<Record<string, unknown>>;

/** Reads one value of a parameter; what it gives `undefined` for has no place in a request. */
type Reader<T> = (value: unknown) => T | undefined;

/** A value that a parameter can have. */
export const plainValue: Reader<ParamValue> = (value) =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)
    ? (value as ParamValue)
    : undefined;

/** Any value; that OS parameters should be text is for the creation to say. */
export const anyValue: Reader<OsParamValue> = (value) => value as OsParamValue;

/** Hidden text. */
export const hiddenValue: Reader<Secret<string>> = (value) =>
  typeof value === 'string' ? new Secret(value) : undefined;

/** The parameters that `read` can read. The others are kept apart, hidden if these are. */
export function readDict<T>(
  name: string,
  dict: Dict,
  read: Reader<T>,
  unsupported: Unsupported,
): Readonly<Record<string, T>> {
  const kept: [string, T][] = [];
  for (const [key, value] of Object.entries(dict)) {
    const known = read(value);
    if (known !== undefined) kept.push([key, known]);
    else unsupported.add([name, key], read === hiddenValue ? new Secret(value) : value);
  }
  return Object.fromEntries(kept);
}

/** Backend parameters under our names. */
export function readBeDict(
  dict: Dict,
  unsupported: Unsupported,
): Readonly<Record<string, ParamValue>> {
  const renamed: [string, unknown][] = [];
  for (const [wire, value] of Object.entries(dict)) {
    const ours = ourBeName(wire);
    if (ours !== undefined && plainValue(value) !== undefined) renamed.push([ours, value]);
    else unsupported.add(['beparams', wire], value);
  }
  return readDict('beparams', Object.fromEntries(renamed), plainValue, unsupported);
}

/** Backend parameters under Ganeti's names. */
export function writeBeDict(dict: Dict): Dict {
  return Object.fromEntries(Object.entries(dict).map(([ours, value]) => [wireBeName(ours), value]));
}

/** Hidden parameters in clear, as the wire carries them. */
export function writeHidden(dict: Readonly<Record<string, string | Secret<string>>>): Dict {
  const clear = Object.entries(dict).map(([name, value]) => [
    name,
    value instanceof Secret ? value.reveal() : value,
  ]);
  return Object.fromEntries(clear) as Dict;
}
