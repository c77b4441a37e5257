/**
 * One run of one script of an OS definition, and what to tell the user when it fails.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../ports/clock.js';
import type { CallOptions } from '../../ports/call.js';
import { failed, type ReplyFailed } from '../../ports/reply.js';
import type { OsParams } from '../../ports/runtime.js';
import { printable } from '../process/printable.js';
import type { ProcessRequest, ProcessResult } from '../process/process-request.js';
import { describeEnd, runProcess } from '../process/run-process.js';
import type { OsDefinition } from './definition.js';
import type { Env } from './env.js';
import { withoutSecrets } from './redact.js';

/** What to run. */
export interface ScriptCall {
  readonly os: OsDefinition;
  readonly script: 'create' | 'rename' | 'verify' | 'import' | 'export';
  readonly args?: readonly string[];
  readonly env: Env;
  /** A log to be made; without it the output only serves for the message. */
  readonly logPath?: string;
}

/** How scripts run on this machine. */
export interface ScriptLimits {
  readonly clock: Clock;
  readonly timeLimitMs?: number;
  readonly graceMs?: number;
  readonly logLimitBytes?: number;
  readonly marksDir?: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Runs a script in its definition's directory, without input. */
export function runScript(
  script: ScriptCall,
  limits: ScriptLimits,
  call: CallOptions,
): Promise<ProcessResult> {
  return runProcess(scriptProcess(script, limits, call));
}

/** A script as a program to be run, with what its definition and the interface demand. */
export function scriptProcess(
  { os, script, args = [], env, logPath }: ScriptCall,
  { clock, timeLimitMs = DAY_MS, graceMs, logLimitBytes, marksDir }: ScriptLimits,
  call: CallOptions,
): Omit<ProcessRequest, 'stdin'> {
  const limit = logLimitBytes === undefined ? {} : { outputLimitBytes: logLimitBytes };
  return {
    file: join(os.path, script),
    args,
    env,
    cwd: os.path,
    clock,
    signal: call.signal,
    timeoutMs: call.timeoutMs ?? timeLimitMs,
    marksDir,
    ...(graceMs === undefined ? {} : { graceMs }),
    ...(logPath === undefined ? {} : { logPath, ...limit }),
  };
}

/** Whether the script did what it was asked to. */
export function succeeded({ end }: ProcessResult): boolean {
  return end.kind === 'exited' && end.code === 0;
}

/** The answer to give when it did not. `doing` begins the message. */
export function scriptFailed(
  doing: string,
  { script, logPath }: ScriptCall,
  { end, lastLines }: ProcessResult,
  params: OsParams,
): ReplyFailed {
  const where =
    logPath === undefined || end.kind === 'unstartable' ? '' : `; its log is ${logPath}`;
  const lines = lastLines.map((line) => printable(withoutSecrets(line, params)));
  const said = lines.length === 0 ? '' : `; it said at last:\n${lines.join('\n')}`;
  const failure = end.kind === 'timeout' || end.kind === 'aborted' ? end.kind : 'failed';
  return failed(`${doing}: script '${script}' ${describeEnd(end)}${where}${said}`, failure);
}

/** Whether a log may have that name. */
export async function isFree(path: string): Promise<boolean> {
  return access(path).then(
    () => false,
    () => true,
  );
}
