/**
 * Which processors of the node a guest's processors may run on, as text. A mask is a list of
 * numbers and ranges, such as `0-3,8`. Some hypervisors take one mask for all of a guest's
 * processors, others one for each, separated by colons, and there `all` for any processor.
 */
import type { Form } from './forms.js';

/** One mask for all processors of a guest. */
export const cpuMask: Form = (value) =>
  isList(String(value)) ? undefined : "must be numbers and ranges of processors such as '0-3,8'";

/** Masks for all processors of a guest, or one for each. */
export const cpuMasks: Form = (value) =>
  String(value).split(':').every(isMask)
    ? undefined
    : "must be masks such as 'all' or '0-3,8', separated by ':', one for each processor";

function isMask(text: string): boolean {
  return text === '' || text === 'all' || isList(text);
}

function isList(text: string): boolean {
  return text.split(',').every(isRange);
}

function isRange(text: string): boolean {
  const bounds = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(text);
  return bounds !== null && Number(bounds[1]) <= Number(bounds[2] ?? bounds[1]);
}
