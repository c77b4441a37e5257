/**
 * Keeps secrets out of messages: a script that fails may well print its environment, and its last
 * lines go to the user.
 */
import type { OsParams } from '../../ports/runtime.js';

/** Shorter values are no secrets, and hiding them would make any text unreadable. */
const SHORTEST = 3;

/** The text with every private and secret value replaced; of a value with lines, each line. */
export function withoutSecrets(text: string, params: OsParams): string {
  const values = [...Object.values(params.private), ...Object.values(params.secret)]
    .flatMap((secret) => secret.reveal().split(/\r?\n/))
    .filter((value) => value.length >= SHORTEST)
    // A value that contains another one has to go first.
    .sort((a, b) => b.length - a.length);
  return values.reduce((shown, value) => shown.replaceAll(value, '<redacted>'), text);
}
