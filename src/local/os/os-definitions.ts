/**
 * Operating systems on this machine: which there are, whether they take given parameters, and
 * running their scripts. Implements the OS questions and commands of the node port through
 * Ganeti's OS interface.
 *
 * D1 scripts run in their definition's directory with no input and exactly the environment of the
 * interface; D2 every run that works on an instance has a log of its own, which only its owner can
 * read; D3 no answer contains a private or secret parameter's value.
 */
import type { Clock } from '../../ports/clock.js';
import type { CallOptions } from '../../ports/call.js';
import type { OsFacts, OsRun } from '../../ports/node-facts.js';
import { answered, failed, type Reply } from '../../ports/reply.js';
import type { OsParams, RuntimeInstance } from '../../ports/runtime.js';
import { systemReason } from '../paths/errno.js';
import { printable } from '../process/printable.js';
import type { OsDefinition, OsVerdict } from './definition.js';
import { coreEnv, type Env, instanceEnv } from './env.js';
import { parseOsName, variantFlaw } from './name.js';
import { isFree, type ScriptCall, runScript, scriptFailed, succeeded } from './run-script.js';
import { scriptLogPath } from './script-log.js';
import { findDefinition, listDefinitions } from './search.js';
import { usableOs } from './usable-os.js';

/**
 * Where definitions and logs lie.
 * @public
 */
export interface OsDefinitionsOptions {
  /** Directories with OS definitions, in the order of search; see `OS_SEARCH_PATH`. */
  readonly searchPath: readonly string[];
  /** The directory for the scripts' logs; made, with mode 0700, if it is missing. */
  readonly logDir: string;
  /** For time limits and the logs' names. */
  readonly clock: Clock;
  /** 1: scripts are asked to tell more (`DEBUG_LEVEL`). 0 by default. */
  readonly debugLevel?: 0 | 1;
  /** Most time for a script whose call sets no limit, milliseconds. One day by default. */
  readonly timeLimitMs?: number;
  /** How long a script that is stopped may take before it is killed; 5 s by default. */
  readonly graceMs?: number;
  /** Most output of one run that is kept in its log. 64 MiB by default. */
  readonly logLimitBytes?: number;
  /**
   * Where running scripts are noted, so that those are found again whose starter was killed; then
   * `LocalNode.prepare` of the next one stops them. Without it they go on.
   */
  readonly marksDir?: string;
}

/**
 * What was found in one directory that could be an OS definition.
 * @public
 */
export interface OsDiagnosis {
  /** Name of the directory. */
  readonly name: string;
  /** The directory. */
  readonly path: string;
  /** What it offers, if it can be used. */
  readonly facts?: OsFacts;
  /** Why it cannot be used, if so. */
  readonly problem?: string;
}

/**
 * The OS definitions of this machine.
 * @public
 */
export class OsDefinitions {
  readonly #options: OsDefinitionsOptions;

  /** Looks nothing up yet: directories are read at each call. */
  constructor(options: OsDefinitionsOptions) {
    this.#options = options;
  }

  /** What a definition offers, by name without variant; `undefined` if none can be used. */
  async findOs(request: { readonly os: string }): Promise<Reply<OsFacts | undefined>> {
    return answering(`OS '${printable(request.os)}' cannot be looked up`, async () => {
      const verdict = await this.#find(parseOsName(request.os).name);
      return answered(verdict?.ok === true ? factsOf(verdict.os) : undefined);
    });
  }

  /** Each directory that could be meant as a definition: usable or not, and why not. */
  async diagnose(): Promise<Reply<readonly OsDiagnosis[]>> {
    return answering('OS definitions cannot be listed', async () => {
      const found = await listDefinitions(this.#options.searchPath);
      return answered(
        found.map(({ name, path, verdict }) => ({
          name,
          path,
          ...(verdict.ok ? { facts: factsOf(verdict.os) } : { problem: verdict.problem }),
        })),
      );
    });
  }

  /**
   * Whether an OS is there (`false` if not) and takes the parameters; a failed answer says what it
   * does not like. Below API version 20 parameters are not looked at.
   */
  async validateOs(
    request: { readonly os: string; readonly params: OsParams; readonly forceVariant: boolean },
    call: CallOptions = {},
  ): Promise<Reply<boolean>> {
    return answering(`OS '${printable(request.os)}' cannot be checked`, async () => {
      const { name, variant } = parseOsName(request.os);
      const verdict = await this.#find(name);
      if (verdict === undefined) return answered(false);
      if (!verdict.ok) return failed(`OS '${name}' cannot be used: ${verdict.problem}`);
      const { os } = verdict;
      const flaw = variantFlaw(os, variant, request.forceVariant);
      if (flaw !== undefined) return failed(printable(flaw));
      if (Math.max(...os.apiVersions) < 20) return answered(true);
      const unknown = unknownParameters(os, request.params);
      if (unknown !== undefined) return failed(printable(unknown));
      return this.#verify(os, request.os, request.params, call);
    });
  }

  /** Runs the create script on an instance's disks. */
  async installOs(
    request: { readonly runtime: RuntimeInstance; readonly reinstall: boolean },
    call: CallOptions = {},
  ): Promise<Reply<OsRun>> {
    const more: Env = request.reinstall ? { INSTANCE_REINSTALL: '1' } : {};
    return this.#runOn('create', request.runtime, more, call);
  }

  /** Runs the rename script: the guest learns its new name. */
  async renameOs(
    request: { readonly runtime: RuntimeInstance; readonly oldName: string },
    call: CallOptions = {},
  ): Promise<Reply<OsRun>> {
    const more: Env = { OLD_INSTANCE_NAME: request.oldName };
    return this.#runOn('rename', request.runtime, more, call);
  }

  async #verify(
    os: OsDefinition,
    asked: string,
    params: OsParams,
    call: CallOptions,
  ): Promise<Reply<boolean>> {
    const env = coreEnv(this.#scriptFacts(os), asked, params);
    const run: ScriptCall = { os, script: 'verify', args: ['parameters'], env };
    const result = await runScript(run, this.#options, call);
    if (succeeded(result)) return answered(true);
    return scriptFailed(`OS '${os.name}' does not accept the parameters`, run, result, params);
  }

  async #runOn(
    script: 'create' | 'rename',
    runtime: RuntimeInstance,
    more: Env,
    call: CallOptions,
  ): Promise<Reply<OsRun>> {
    const { os: asked = '', name: instance } = runtime.instance;
    const doing = `OS '${printable(asked)}' cannot work on ${printable(instance)}`;
    return answering(doing, async () => {
      const os = await usableOs(this.#options.searchPath, asked, script);
      if (typeof os === 'string') return failed(`${doing}: ${os}`);
      const action = script === 'create' ? 'add' : 'rename';
      const about = { action, os: asked, instance, atMs: this.#options.clock.now() } as const;
      const logPath = await scriptLogPath(this.#options.logDir, about, isFree);
      if (logPath === undefined) return failed(`${doing}: no log can be named after it`);
      const env = { ...instanceEnv(this.#scriptFacts(os), runtime), ...more };
      const run: ScriptCall = { os, script, env, logPath };
      const result = await runScript(run, this.#options, call);
      if (succeeded(result)) return answered({ logPath });
      return scriptFailed(doing, run, result, runtime.osParams);
    });
  }

  #find(name: string): Promise<OsVerdict | undefined> {
    return findDefinition(this.#options.searchPath, name);
  }

  #scriptFacts(os: OsDefinition): { os: OsDefinition; debugLevel: 0 | 1 } {
    return { os, debugLevel: this.#options.debugLevel ?? 0 };
  }
}

function unknownParameters(os: OsDefinition, params: OsParams): string | undefined {
  const known = new Set(os.parameters.map(([name]) => name));
  const given = [params.public, params.private, params.secret].flatMap((map) => Object.keys(map));
  const unknown = [...new Set(given)].filter((name) => !known.has(name));
  if (unknown.length === 0) return undefined;
  const choice = known.size === 0 ? 'it has none' : `it has ${[...known].join(', ')}`;
  return `OS '${os.name}' has no parameter ${unknown.join(', ')}; ${choice}`;
}

function factsOf({ name, apiVersions, variants, parameters, trusted }: OsDefinition): OsFacts {
  return { name, apiVersions, variants, parameters, trusted };
}

/** What the system refuses becomes an answer; a defect of ours stays an exception. */
async function answering<T>(doing: string, work: () => Promise<Reply<T>>): Promise<Reply<T>> {
  try {
    return await work();
  } catch (error) {
    const reason = systemReason(error);
    if (reason === undefined) throw error;
    return failed(`${doing}: ${reason}`);
  }
}
