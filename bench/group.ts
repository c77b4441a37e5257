/**
 * Runs one group in a process of its own and hands its rows to the parent: what a group leaves in
 * the heap, or makes the compiler believe, is no business of the next one.
 */
import { GROUPS } from './groups.js';

const name = process.argv[2] ?? '';
const load = GROUPS[name];
if (load === undefined) throw new Error(`There is no group '${name}'`);
const bench = await load();
const rows = await bench();
process.send?.(rows, () => process.exit(0));
