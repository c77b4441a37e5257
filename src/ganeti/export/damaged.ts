/**
 * The refusal of an export whose description cannot be used.
 */
import { refuse } from '../../errors.js';

/** Throws `PrereqError` `environment_error`, about `export-file`. Says where, and which rule. */
export function damaged(what: string): never {
  return refuse.environment(`The export is damaged: ${what}`, { about: 'export-file' });
}
