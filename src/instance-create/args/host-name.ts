/**
 * Host names: their form, and whether a resolver's answer still means the same host.
 */
import { refuse } from '../../errors.js';

const FORM = /^[a-z0-9._-]{1,255}$/;

/** The name in lower case and without a final dot (Ganeti's `GetNormalizedName`). */
export function normalHostName(given: string): string {
  const name = given.toLowerCase();
  if (!FORM.test(name) || name.includes('..') || name.startsWith('.')) {
    refuse.input(`'${given}' is no host name; use letters, digits, '.', '-' and '_'`);
  }
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

/** Whether `given` is `full`, or its first labels. */
export function namesSameHost(given: string, full: string): boolean {
  const [a, b] = [given.toLowerCase(), full.toLowerCase()];
  return a === b || b.startsWith(`${a}.`);
}
