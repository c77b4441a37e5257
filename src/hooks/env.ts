/**
 * Builds the environment of hook scripts. Pure.
 *
 * H1 The environment is complete: nothing of the process's own environment is in it.
 * H2 Post = pre, unchanged, plus a second set with `GANETI_POST_`, computed after the work.
 * H3 Every value is text as Python writes it, since that is what existing scripts compare with.
 * H4 A variable that would shadow a common one, or has a NUL, is a defect of the LU.
 */
import { ProgrammerError } from '../errors.js';
import type { HookEnv, HookObjectType, HookPhase } from './spec.js';

/**
 * What is true of a whole phase.
 * @public
 */
export interface HookSituation {
  /** The phase. */
  readonly phase: HookPhase;
  /** Directory stem, `instance-add`. */
  readonly path: string;
  /** What the operation is about. */
  readonly objectType: HookObjectType;
  /** The LU's name, `OP_INSTANCE_CREATE`. */
  readonly opName: string;
  /** The cluster's name. */
  readonly clusterName: string;
  /** The master node's name. */
  readonly masterName: string;
  /** Directory of the cluster's data, as told to scripts. */
  readonly dataDir: string;
}

/** The only search path that hook and OS scripts ever see (Ganeti's `HOOKS_PATH`). */
const SCRIPT_PATH = '/sbin:/bin:/usr/sbin:/usr/bin';

/** Version of this interface (Ganeti's `HOOKS_VERSION`). */
const HOOKS_VERSION = '2';

/**
 * The whole environment of a phase. `pre` are the operation's variables before the work, `post`
 * those after it (post phase only).
 * @public
 */
export function hookEnvironment(
  situation: HookSituation,
  pre: HookEnv,
  post?: HookEnv,
): Readonly<Record<string, string>> {
  const common = commonVariables(situation);
  // Grown from nothing: an object that begins as a copy takes twice as long to grow.
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(common)) env[name] = value;
  addTo(env, 'GANETI_', pre, common);
  if (post !== undefined) addTo(env, 'GANETI_POST_', post, common);
  return env;
}

function commonVariables(s: HookSituation): Record<string, string> {
  return {
    PATH: SCRIPT_PATH,
    GANETI_HOOKS_VERSION: HOOKS_VERSION,
    GANETI_HOOKS_PHASE: s.phase,
    GANETI_HOOKS_PATH: s.path,
    GANETI_OP_CODE: s.opName,
    GANETI_OBJECT_TYPE: s.objectType,
    GANETI_DATA_DIR: s.dataDir,
    GANETI_CLUSTER: s.clusterName,
    GANETI_MASTER: s.masterName,
  };
}

/** Writes into one object: joining several by spreading them costs many times as much. */
function addTo(
  env: Record<string, string>,
  prefix: string,
  variables: HookEnv,
  common: Readonly<Record<string, string>>,
): void {
  refuseShadows(prefix, variables, common);
  for (const [key, value] of Object.entries(variables)) {
    if (value === undefined) continue;
    const text = pythonText(value);
    if (text.includes('\0')) throw new ProgrammerError(`Hook variable ${prefix}${key} has a NUL`);
    env[prefix + key] = text;
  }
}

function refuseShadows(
  prefix: string,
  variables: HookEnv,
  common: Readonly<Record<string, string>>,
): void {
  for (const name of Object.keys(common)) {
    if (!name.startsWith(prefix) || variables[name.slice(prefix.length)] === undefined) continue;
    throw new ProgrammerError(`Hook variable ${name} belongs to the framework`);
  }
}

/**
 * A value as Python prints it: `True`, `False`, `None`, and everything else as it is.
 * @public
 */
export function pythonText(value: string | number | boolean | null): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}
