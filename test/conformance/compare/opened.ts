/**
 * Recorded values with hidden ones in clear, as Ganeti's interfaces take them.
 */
import type { Json, JsonDict } from '../vectors/types.js';
import { bare } from './values.js';

/** The value, opened wherever something is hidden in it. */
export function opened(value: Json): unknown {
  const clear = bare(value);
  if (Array.isArray(clear)) return clear.map((inner: Json) => opened(inner));
  if (typeof clear !== 'object' || clear === null) return clear;
  const entries = Object.entries(clear as JsonDict);
  return Object.fromEntries(entries.map(([key, inner]) => [key, opened(inner)]));
}
