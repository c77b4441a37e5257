/**
 * Text with a NUL reaches no program: neither arguments nor environments of processes can hold one.
 * Whoever gives some is told which, before hooks and scripts would stumble over it.
 */
import { refuse } from '../../errors.js';
import { Secret } from '../../model/secret.js';

/** Throws `PrereqError` `wrong_input` if a text or key in there has a NUL. Never shows secrets. */
export function refuseNul(value: unknown, what: string): void {
  const path = pathOfNul(value, [], new Set());
  if (path === undefined) return;
  refuse.input(`${what}: ${path.join('.')} has a NUL character; leave that out`);
}

type Path = readonly string[];

function pathOfNul(value: unknown, path: Path, seen: Set<object>): Path | undefined {
  if (value instanceof Secret) return pathOfNul(value.reveal(), path, seen);
  if (typeof value === 'string') return value.includes('\0') ? path : undefined;
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  seen.add(value);
  for (const [key, inner] of Object.entries(value)) {
    const here = [...path, key.replaceAll('\0', '\\0')];
    const found = key.includes('\0') ? here : pathOfNul(inner, here, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}
