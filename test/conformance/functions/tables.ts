/**
 * All functions that are called for rows, by name. Tables are loaded one by one, so that a part of
 * the library which is in the making takes no other table with it.
 */
import type { FunctionTable } from './types.js';

const FILES = [
  './addresses.js',
  './dicts.js',
  './disks.js',
  './fill.js',
  './hooks.js',
  './hypervisors.js',
  './locks.js',
  './nics.js',
  './policy.js',
  './text.js',
  './trust.js',
];

/** The functions. */
export const FUNCTIONS: FunctionTable = Object.fromEntries(
  (await Promise.all(FILES.map(load))).flatMap((table) => Object.entries(table)),
);

async function load(file: string): Promise<FunctionTable> {
  try {
    return ((await import(file)) as { readonly TABLE: FunctionTable }).TABLE;
  } catch (error) {
    process.stderr.write(`${file}: ${String(error)}\n`);
    return {};
  }
}
