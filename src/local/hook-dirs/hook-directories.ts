/**
 * Runs the hook scripts of this machine: `BASE/PATH-PHASE.d`, by the rules of Ganeti's hook
 * directories. Implements one node's part of the hooks port.
 *
 * H1 scripts see exactly the given variables, start in `/`, and have nothing to read; H2 after a
 * script failed the others still run; H3 all of them together have one time limit, always; H4 no
 * script, no process; H5 a refusal that was heard is reported even if a later script hangs.
 */
import { join } from 'node:path';
import type { Clock } from '../../ports/clock.js';
import type { HookScriptResult } from '../../ports/hook-node.js';
import type { CallOptions } from '../../ports/call.js';
import { answered, failed, type Reply } from '../../ports/reply.js';
import { systemReason } from '../paths/errno.js';
import { PipePool } from '../process/pipes.js';
import { printable } from '../process/printable.js';
import type { ProcessResult } from '../process/process-request.js';
import { describeEnd, runProcess } from '../process/run-process.js';
import { type HookEntry, hookEntries } from './entries.js';

/**
 * Where hook scripts lie and how long they may take.
 * @public
 */
export interface HookDirectoriesOptions {
  /** The directory that holds `PATH-PHASE.d` directories; Ganeti's is `/etc/ganeti/hooks`. */
  readonly base: string;
  /** For time limits. */
  readonly clock: Clock;
  /** Most time for all scripts of one call together, milliseconds. 15 minutes by default. */
  readonly timeLimitMs?: number;
  /** How long a script that is stopped may take before it is killed; 5 s by default. */
  readonly graceMs?: number;
  /** Most output, and most errors, that are kept of one script. 64 KiB each by default. */
  readonly outputLimitBytes?: number;
  /**
   * Where running scripts are noted, so that those are found again whose starter was killed; then
   * `LocalNode.prepare` of the next one stops them. Without it they go on.
   */
  readonly marksDir?: string;
}

/**
 * What to run.
 * @public
 */
export interface HookRequest {
  /** The hooks path, `instance-add` for example. */
  readonly path: string;
  /** Before or after the work. */
  readonly phase: 'pre' | 'post';
  /** The scripts' whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

const QUARTER_HOUR_MS = 15 * 60 * 1000;
const OUTPUT_BYTES = 64 * 1024;

/**
 * The hook directories of this machine.
 * @public
 */
export class HookDirectories {
  readonly #options: HookDirectoriesOptions;

  /** Looks nothing up yet: directories are read at each call. */
  constructor(options: HookDirectoriesOptions) {
    this.#options = options;
  }

  /**
   * Runs the scripts of one phase, one after the other. Fails as `timeout` or `aborted` if they
   * had to be stopped, unless one of them had refused before: then that refusal is the answer.
   */
  async run(
    request: HookRequest,
    call: CallOptions = {},
  ): Promise<Reply<readonly HookScriptResult[]>> {
    const { base } = this.#options;
    if (!/^[a-zA-Z0-9_-]+$/.test(request.path) || !/^(pre|post)$/.test(request.phase)) {
      const name = JSON.stringify(`${request.path}-${request.phase}`);
      return failed(`Hooks ${name} cannot be run: letters, digits, _ and - make a hooks path`);
    }
    const directory = join(base, `${request.path}-${request.phase}.d`);
    try {
      return await this.#runAll(await hookEntries(directory), request, call);
    } catch (error) {
      const reason = systemReason(error);
      if (reason === undefined) throw error;
      return failed(`Hooks in '${directory}' cannot be run: ${reason}`);
    }
  }

  async #runAll(
    entries: readonly HookEntry[],
    { env }: HookRequest,
    call: CallOptions,
  ): Promise<Reply<readonly HookScriptResult[]>> {
    const { clock, timeLimitMs = QUARTER_HOUR_MS } = this.#options;
    const deadline = clock.monotonic() + Math.min(call.timeoutMs ?? timeLimitMs, timeLimitMs);
    const pipes = new PipePool(2 * entries.filter(({ runs }) => runs).length);
    const results: HookScriptResult[] = [];
    try {
      for (const entry of entries) {
        const timeoutMs = Math.max(0, deadline - clock.monotonic());
        const result = await this.#runOne(entry, env, { ...call, timeoutMs }, pipes);
        if (result === undefined) {
          results.push({ script: entry.script, status: 'skipped', output: '' });
          continue;
        }
        const stopped = result.end.kind === 'timeout' || result.end.kind === 'aborted';
        if (stopped && !results.some(({ status }) => status === 'failed')) {
          return failed(`Hook '${entry.path}' ${describeEnd(result.end)}`, failureOf(result));
        }
        results.push(resultOf(entry, result));
        if (stopped) break;
      }
      return answered(results);
    } finally {
      pipes.dispose();
    }
  }

  async #runOne(
    { path, runs }: HookEntry,
    env: HookRequest['env'],
    { signal, timeoutMs }: CallOptions,
    pipes: PipePool,
  ): Promise<ProcessResult | undefined> {
    if (!runs) return undefined;
    const { clock, graceMs, marksDir, outputLimitBytes = OUTPUT_BYTES } = this.#options;
    return runProcess({
      file: path,
      env,
      cwd: '/',
      separate: true,
      outputLimitBytes,
      timeoutMs,
      signal,
      clock,
      pipes,
      marksDir,
      ...(graceMs === undefined ? {} : { graceMs }),
    });
  }
}

function resultOf({ script }: HookEntry, { end, output, errors }: ProcessResult): HookScriptResult {
  const said = printable(output + errors);
  if (end.kind === 'exited') {
    return { script, status: end.code === 0 ? 'ok' : 'failed', output: said };
  }
  const why = `the script ${describeEnd(end)}`;
  return { script, status: 'failed', output: said === '' ? why : `${said} (${why})` };
}

function failureOf({ end }: ProcessResult): 'timeout' | 'aborted' {
  return end.kind === 'aborted' ? 'aborted' : 'timeout';
}
