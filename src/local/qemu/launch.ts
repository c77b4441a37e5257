/**
 * Starting a guest: from the command line to a guest that runs.
 *
 * A1 the guest's first instruction is executed only after everything else went well;
 * A2 after a failure QEMU's process is gone and so are its files; what it said is in the answer.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { type Clock, sleep } from '../../ports/clock.js';
import { answered, failed, type Reply, type ReplyFailed } from '../../ports/reply.js';
import type { LocalCall } from '../hypervisors/local-hypervisor.js';
import { codeOf, systemReason } from '../paths/errno.js';
import { CallLimit } from '../process/limit.js';
import type { Tap } from './cards.js';
import { type GuestFiles, removeGuestFiles } from './guest-files.js';
import { guestStatus } from './guest-status.js';
import { asRecord, QmpConnection } from './qmp.js';
import { attachTaps } from './taps.js';

/** How often the control socket is tried while QEMU starts. */
const POLL_MS = 15;
/** How long a QEMU that runs may take to go on with its start. */
const RESUME_MS = 5_000;
/** How long QEMU may take to end after it has hung up. */
const LAST_WORDS_MS = 2_000;
const LOG_LINES = 20;
const LOG_BYTES = 4096;
const ENVIRONMENT = { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

/** A guest to be started. */
export interface Launch {
  /** The instance's name. */
  readonly name: string;
  /** Path of QEMU. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** The guest's files. */
  readonly files: GuestFiles;
  /** Network devices to be put on bridges. */
  readonly taps: readonly Tap[];
  /** Leave the guest before its first instruction. */
  readonly paused: boolean;
  /** Most time for all this, milliseconds. */
  readonly timeoutMs: number;
  /** Measures it. */
  readonly clock: Clock;
}

/** What is left to do once QEMU runs. */
export type Bringing = Pick<Launch, 'name' | 'files' | 'taps' | 'paused' | 'clock'>;

/** Starts the guest. Its run directory has to exist. */
export async function launchGuest(launch: Launch, call: LocalCall): Promise<Reply<void>> {
  const { clock, files, timeoutMs } = launch;
  const limit = new CallLimit(clock, { signal: call.signal, timeoutMs });
  let child: GuestChild | undefined;
  try {
    limit.check();
    await removeGuestFiles(files);
    child = await start(launch);
    await bringUp(launch, AbortSignal.any([limit.signal, child.ended]));
    child.release();
    return answered(undefined);
  } catch (error) {
    // QEMU hangs up first and ends then; what it ends with says more.
    if (!(error instanceof GuestFailure)) await child?.endsWithin(LAST_WORDS_MS, limit, clock);
    await child?.kill();
    const reply = await explain(launch, child, limit, error);
    await removeGuestFiles(files).catch(() => undefined);
    return reply;
  } finally {
    limit.dispose();
  }
}

/**
 * Goes on with a start that was cut off: whoever started QEMU may have been killed before the
 * guest's first instruction. A guest that is further on, or too busy to say so, is left alone.
 */
export async function resumeGuest(launch: Bringing, call: LocalCall): Promise<Reply<void>> {
  const limit = new CallLimit(launch.clock, { signal: call.signal, timeoutMs: RESUME_MS });
  try {
    const status = await guestStatus(launch.files, launch.clock, { signal: limit.signal });
    if (status !== 'prelaunch') return answered(undefined);
    await bringUp(launch, limit.signal);
    return answered(undefined);
  } catch (error) {
    const doing = `instance '${launch.name}' cannot be started`;
    return failed(`${doing}: ${reasonOf(error)}`, limit.end ?? 'failed');
  } finally {
    limit.dispose();
  }
}

async function bringUp(launch: Bringing, signal: AbortSignal): Promise<void> {
  const { clock, paused, taps } = launch;
  const qmp = await connectWhenReady(launch, signal);
  try {
    const flaw = await attachTaps(taps, clock, signal);
    if (flaw !== undefined) throw new GuestFailure(flaw);
    if (paused) return;
    await qmp.execute('cont', {}, { signal });
    const status = asRecord(await qmp.execute('query-status', {}, { signal }));
    if (status?.['running'] !== true) {
      throw new GuestFailure(`the guest came to a halt at once (${String(status?.['status'])})`);
    }
  } finally {
    await qmp.close();
  }
}

async function connectWhenReady(
  { clock, files }: Bringing,
  signal: AbortSignal,
): Promise<QmpConnection> {
  for (;;) {
    try {
      return await QmpConnection.open({ path: files.socket, clock, signal });
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'ENOENT' && code !== 'ECONNREFUSED') throw error;
      await sleep(clock, POLL_MS, signal);
    }
  }
}

async function explain(
  { files, name, timeoutMs }: Launch,
  child: GuestChild | undefined,
  limit: CallLimit,
  error: unknown,
): Promise<ReplyFailed> {
  const doing = `instance '${name}' cannot be started`;
  if (limit.end === 'aborted') return failed(`${doing}: the call was cancelled`, 'aborted');
  const said = await lastWords(files.log);
  if (limit.end === 'timeout') {
    const late = `QEMU was not ready after ${timeoutMs} ms`;
    return failed([doing, late, ...said].join(': '), 'timeout');
  }
  const died = child?.diedByItself === true ? `QEMU ${child.how ?? 'ended'}` : reasonOf(error);
  return failed([doing, died, ...said].join(': '));
}

function reasonOf(error: unknown): string {
  return systemReason(error) ?? (error instanceof Error ? error.message : String(error));
}

async function lastWords(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = text.slice(-LOG_BYTES).trim().split('\n').slice(-LOG_LINES);
  return lines.join('') === '' ? [] : [lines.join('\n')];
}

async function start({ args, files, program }: Launch): Promise<GuestChild> {
  await mkdir(files.dir, { mode: 0o700 });
  const log = await open(files.log, 'wx', 0o600);
  try {
    return new GuestChild(
      spawn(program, args, {
        cwd: '/',
        env: ENVIRONMENT,
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      }),
    );
  } finally {
    await log.close();
  }
}

/** QEMU is fine, but something around it is not. */
class GuestFailure extends Error {
  override readonly name = 'GuestFailure';
}

/** QEMU while it is still ours: until it runs by itself, or failed. */
class GuestChild {
  /** Fires when the process is gone. */
  readonly ended: AbortSignal;
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  #how: string | undefined;
  #killed = false;

  constructor(child: ChildProcess) {
    const ended = new AbortController();
    this.ended = ended.signal;
    this.#child = child;
    this.#gone = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#how ??= how;
        ended.abort();
        resolve();
      };
      child.once('exit', (code, signal) => end(endedBy(code, signal)));
      child.once('error', (error) => end(`cannot run: ${systemReason(error) ?? error.message}`));
    });
  }

  /** How it ended. */
  get how(): string | undefined {
    return this.#how;
  }

  /** Whether it ended without being killed by us. */
  get diedByItself(): boolean {
    return this.#how !== undefined && !this.#killed;
  }

  /** Gives it time to end by itself, unless the call is over anyway. */
  async endsWithin(limitMs: number, call: CallLimit, clock: Clock): Promise<void> {
    const waiting = sleep(clock, limitMs, AbortSignal.any([this.ended, call.signal]));
    await waiting.catch(() => undefined);
  }

  /** Kills it and waits until it is gone. */
  async kill(): Promise<void> {
    this.#killed = this.#how === undefined;
    this.#child.kill('SIGKILL');
    await this.#gone;
  }

  /** Lets this process end while the guest goes on. */
  release(): void {
    this.#child.unref();
  }
}

function endedBy(code: number | null, signal: string | null): string {
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}
