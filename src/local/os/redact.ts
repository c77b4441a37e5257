/**
 * Keeps secrets out of messages: a script that fails may well print its environment, and its last
 * lines go to the user.
 */
import { withoutValues } from '../../model/secret.js';
import type { OsParams } from '../../ports/runtime.js';

/** The text with every private and secret value replaced; of a value with lines, each line. */
export function withoutSecrets(text: string, params: OsParams): string {
  const secrets = [...Object.values(params.private), ...Object.values(params.secret)];
  return withoutValues(
    text,
    secrets.map((secret) => secret.reveal()),
  );
}
