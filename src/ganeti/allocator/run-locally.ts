/**
 * Runs allocator programs as children of this process, as Ganeti's daemon does on the node that
 * leads: the request in a file, whose name is the first argument, options after it.
 *
 * R1 When the promise settles, the program and all of its group have ended, and the file is gone.
 * R2 Time and output are bounded; what goes on, or prints on, is killed.
 * R3 The program sees the request, a search path, and nothing else of this process.
 */
import { constants } from 'node:fs';
import { access, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refuse } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { ConfigReader } from '../../ports/config-store.js';
import { type BoundedRun, runBounded } from './bounded-run.js';
import type { ProgramOutput, RunProgram } from './program-allocator.js';

/**
 * Where Ganeti looks for allocator programs, in this order.
 * @public
 */
export const ALLOCATOR_DIRECTORIES: readonly string[] = [
  '/usr/local/lib/ganeti/iallocators',
  '/usr/lib/ganeti/iallocators',
];

/**
 * What {@link runLocally} needs.
 * @public
 */
export interface RunLocallyOptions {
  /** Measures the time. */
  readonly clock: Clock;
  /** The cluster's allocator parameters are the program's options; none if not given. */
  readonly config?: Pick<ConfigReader, 'cluster'>;
  /** Directories that programs are looked for in; Ganeti's if not given. */
  readonly directories?: readonly string[];
  /** Most time, milliseconds; 15 minutes, Ganeti's bound, if not given. */
  readonly timeoutMs?: number;
  /** Most output, bytes; a mebibyte if not given. */
  readonly outputLimitBytes?: number;
}

const TIMEOUT_MS = 900_000;
const OUTPUT_BYTES = 1024 * 1024;

/**
 * Runs allocator programs on this machine. Rejects with `PrereqError` `environment_error` (about a
 * `verdict`) for a program that is not there, does not start, is killed, takes too long or prints
 * too much, and with the signal's reason if that fires.
 * @public
 */
export function runLocally(options: RunLocallyOptions): RunProgram {
  return async (name, json, signal): Promise<ProgramOutput> => {
    signal.throwIfAborted();
    const file = await findProgram(name, options.directories ?? ALLOCATOR_DIRECTORIES);
    const scratch = await mkdtemp(join(tmpdir(), 'logical-units-allocator-'));
    try {
      const request = join(scratch, 'request.json');
      await writeFile(request, json, { mode: 0o600, flag: 'wx' });
      const { clock, timeoutMs = TIMEOUT_MS, outputLimitBytes = OUTPUT_BYTES } = options;
      const args = [request, ...optionsOf(options)];
      return outputOf(
        name,
        await runBounded({ file, args, clock, timeoutMs, outputLimitBytes, signal }),
        signal,
      );
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  };
}

/** `--name=value`, or `--name` for what has no value, which is how `true` is meant, too. */
function optionsOf({ config }: RunLocallyOptions): readonly string[] {
  const params = Object.entries(config?.cluster.allocatorParams ?? {});
  return params
    .filter(([, value]) => value !== false)
    .map(([name, value]) =>
      value === null || value === true ? `--${name}` : `--${name}=${String(value)}`,
    );
}

async function findProgram(name: string, directories: readonly string[]): Promise<string> {
  for (const directory of directories) {
    const file = join(directory, name);
    const isFile = await stat(file).then(
      (found) => found.isFile(),
      () => false,
    );
    if (!isFile) continue;
    await access(file, constants.X_OK).catch(() => fail(`'${file}' may not be executed`));
    return file;
  }
  return fail(`Allocator ${name} is not in ${directories.join(', ')}; install it there`);
}

function outputOf(name: string, run: BoundedRun, signal: AbortSignal): ProgramOutput {
  const { end, stdout, stderr } = run;
  switch (end.kind) {
    case 'exited':
      return { exitCode: end.code, stdout, stderr };
    case 'aborted':
      signal.throwIfAborted();
      return fail(`Allocator ${name} was stopped`);
    case 'timeout':
      return fail(`Allocator ${name} did not end in time and was stopped`);
    case 'flood':
      return fail(`Allocator ${name} printed more than it may and was stopped`);
    case 'killed':
      return fail(`Allocator ${name} was ended by ${end.signal}`);
    case 'unstartable':
      return fail(`Allocator ${name} cannot be started: ${end.reason}`);
  }
}

function fail(message: string): never {
  return refuse.environment(message, { about: 'verdict' });
}
