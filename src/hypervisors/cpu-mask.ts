/**
 * Which processors of the node a guest's processors may run on, as text: one mask for all of them,
 * or one per processor, separated by colons. A mask is `all` or a list of numbers and ranges, such
 * as `0-3,8`.
 */
import type { Form } from './syntax.js';

/** Masks for all processors of a guest, or one for each. */
export const cpuMasks: Form = (value) =>
  String(value).split(':').every(isMask)
    ? undefined
    : "must be masks such as 'all' or '0-3,8', separated by ':', one for each processor";

function isMask(text: string): boolean {
  return text === '' || text === 'all' || text.split(',').every(isRange);
}

function isRange(text: string): boolean {
  const bounds = /^(\d+)(?:-(\d+))?$/.exec(text);
  return bounds !== null && Number(bounds[1]) <= Number(bounds[2] ?? bounds[1]);
}
