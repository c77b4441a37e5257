/**
 * Keeps secrets out of what a node says: a daemon that does not like an argument may quote it, and
 * a script that fails may print it.
 */
import { Secret, withoutValues } from '../../model/secret.js';
import type { WireValue } from '../node/transport.js';

/** The text without the secrets that were among the arguments. */
export function withoutSecretsOf(args: readonly WireValue[], text: string): string {
  return withoutValues(text, args.flatMap(secretsIn));
}

function secretsIn(value: WireValue): readonly string[] {
  if (value instanceof Secret) return [value.reveal()];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(secretsIn);
}
