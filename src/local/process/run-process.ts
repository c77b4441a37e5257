/**
 * Runs a program of the administrator's: OS scripts, hooks, helpers. No shell, exactly the
 * environment that was given, its own process group, bounded time, bounded output.
 *
 * R1 when the promise settles, no member of the group is alive and no timer, listener or
 *    descriptor is left; a daemon that wants to outlive its script has to leave the group (setsid);
 * R2 failure is a value: the promise does not reject for what a program or the system does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../../ports/clock.js';
import { systemReason } from '../paths/errno.js';
import { endGroup, groupGone } from './group.js';
import { CallLimit } from './limit.js';
import { ProcessOutput } from './process-output.js';
import type { ProcessEnd, ProcessRequest, ProcessResult } from './process-request.js';
import { MARK_FD, RunMark } from './run-mark.js';
import { whyNotStartable } from './startable.js';

const GRACE_MS = 5_000;
const LINGER_MS = 1_000;
/** Descriptors that stay closed: above the third, that is what 'ignore' means. */
const BETWEEN = Array.from({ length: MARK_FD - 3 }, () => 'ignore' as const);

/** Runs a program to its end. */
export async function runProcess(request: ProcessRequest): Promise<ProcessResult> {
  const limit = new CallLimit(request.clock, request);
  try {
    if (limit.end !== undefined) return withoutOutput({ kind: limit.end });
    const obstacle = forbiddenText(request) ?? whyNotStartable(request.file);
    if (obstacle !== undefined) return unstartable(obstacle);
    const output = await ProcessOutput.open(request).catch(reasonOf);
    if (typeof output === 'string') return unstartable(output);
    const end = await runMarked(output, request, limit).finally(() => output.close(limit.signal));
    return output.result(end);
  } finally {
    limit.dispose();
  }
}

/** How a program ended, in words that continue "the script …". */
export function describeEnd(end: ProcessEnd): string {
  switch (end.kind) {
    case 'exited':
      return `ended with exit code ${end.code}`;
    case 'killed':
      return `was ended by ${end.signal}`;
    case 'timeout':
      return 'did not end in time and was stopped';
    case 'aborted':
      return 'was stopped because the call was cancelled';
    case 'unstartable':
      return `cannot be started: ${end.reason}`;
  }
}

async function runMarked(
  output: ProcessOutput,
  request: ProcessRequest,
  limit: CallLimit,
): Promise<ProcessEnd> {
  const mark = newMark(request.marksDir);
  if (typeof mark === 'string') return { kind: 'unstartable', reason: mark };
  return runInto(output, request, limit, mark).finally(() => mark?.remove());
}

function newMark(marksDir: string | undefined): RunMark | string | undefined {
  try {
    return marksDir === undefined ? undefined : new RunMark(marksDir);
  } catch (error) {
    return `a run cannot be noted in '${marksDir}': ${reasonOf(error)}`;
  }
}

async function runInto(
  output: ProcessOutput,
  request: ProcessRequest,
  limit: CallLimit,
  mark: RunMark | undefined,
): Promise<ProcessEnd> {
  const child = await start(request, output, mark);
  if (typeof child === 'string') return { kind: 'unstartable', reason: child };
  const left = leaderEnd(child);
  output.closeWriters();
  feed(child, request.stdin);
  const { clock, graceMs = GRACE_MS, lingerMs = LINGER_MS } = request;
  const group = child.pid ?? 0;
  const ended = new Promise<void>((resolve) => {
    if (limit.end !== undefined) resolve();
    else limit.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const natural = await Promise.race([left, ended]);
  if (natural === undefined) {
    // What is dead is collected at once; what cannot be killed is not waited for.
    if (await endGroup(group, clock, graceMs)) await left;
    return { kind: limit.end ?? 'aborted' };
  }
  if (!(await lingering(group, clock, lingerMs, limit))) await endGroup(group, clock, graceMs);
  return natural;
}

/** Waits for what the leader left behind; `false` if it does not end by itself. */
async function lingering(
  group: number,
  clock: Clock,
  lingerMs: number,
  limit: CallLimit,
): Promise<boolean> {
  const patience = new CallLimit(clock, { signal: limit.signal, timeoutMs: lingerMs });
  try {
    return await groupGone(group, clock, patience.signal);
  } finally {
    patience.dispose();
  }
}

/** Node would refuse these as well, but quotes the value in its message: it may be a secret. */
function forbiddenText({ args = [], env }: ProcessRequest): string | undefined {
  if (args.some((value) => value.includes('\0'))) return 'an argument contains a NUL character';
  for (const [name, value] of Object.entries(env)) {
    if (name === '' || /[=\0]/.test(name)) return `${JSON.stringify(name)} is no variable's name`;
    if (value.includes('\0')) return `the value of variable ${name} contains a NUL character`;
  }
  return undefined;
}

/** The child once it runs, or why it does not. */
async function start(
  request: ProcessRequest,
  output: ProcessOutput,
  mark: RunMark | undefined,
): Promise<ChildProcess | string> {
  const { file, args = [], cwd, stdin } = request;
  // Without a prototype nothing but the given names can get in.
  const env = Object.assign(Object.create(null), request.env) as Record<string, string>;
  try {
    const child = spawn(file, args, {
      cwd,
      env,
      detached: true,
      shell: false,
      stdio: [
        inputOf(stdin),
        output.writer,
        output.errorWriter,
        ...(mark === undefined ? [] : [...BETWEEN, mark.fd]),
      ],
    });
    return await new Promise((resolve) => {
      child.once('spawn', () => resolve(child));
      child.on('error', (error) => resolve(`'${file}': ${reasonOf(error)}`));
    });
  } catch (error) {
    return `'${file}': ${reasonOf(error)}`;
  }
}

function leaderEnd(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(
        code === null
          ? { kind: 'killed', signal: signal ?? 'an unknown signal' }
          : { kind: 'exited', code },
      );
    });
  });
}

function inputOf(stdin: ProcessRequest['stdin']): 'ignore' | 'pipe' | number {
  if (stdin === undefined) return 'ignore';
  return typeof stdin === 'object' && 'fd' in stdin ? stdin.fd : 'pipe';
}

/** A program that does not read its input is no error. */
function feed(child: ChildProcess, stdin: ProcessRequest['stdin']): void {
  if (stdin === undefined || (typeof stdin === 'object' && 'fd' in stdin)) return;
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(stdin);
}

function reasonOf(error: unknown): string {
  return systemReason(error) ?? (error instanceof Error ? error.message : String(error));
}

function unstartable(reason: string): ProcessResult {
  return withoutOutput({ kind: 'unstartable', reason });
}

function withoutOutput(end: ProcessEnd): ProcessResult {
  return { end, output: '', errors: '', lastLines: [], droppedBytes: 0 };
}
