/**
 * Whether an instance's OS can run one of its scripts on this machine.
 */
import type { OsDefinition } from './definition.js';
import { parseOsName } from './name.js';
import type { ScriptCall } from './run-script.js';
import { findDefinition } from './search.js';

/** A definition whose script may run here, or why there is none. */
export async function usableOs(
  searchPath: readonly string[],
  asked: string,
  script: ScriptCall['script'],
): Promise<OsDefinition | string> {
  if (asked === '') return 'the instance has no OS; name one';
  const verdict = await findDefinition(searchPath, parseOsName(asked).name);
  if (verdict === undefined) {
    return `there is no such definition below ${searchPath.join(', ')}`;
  }
  if (!verdict.ok) return verdict.problem;
  if (script !== 'create' || verdict.os.trusted) return verdict.os;
  return "it has only 'create_untrusted', which needs a helper VM; that is not supported yet";
}
