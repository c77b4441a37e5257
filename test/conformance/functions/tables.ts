/**
 * All functions that are called for rows, by name.
 */
import type { FunctionTable } from './types.js';

/** The functions. */
export const FUNCTIONS: FunctionTable = {};
