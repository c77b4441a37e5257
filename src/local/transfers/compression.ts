/**
 * Compression of what goes over the wire, under Ganeti's names. Gzip is done here; every other name
 * is that of a program, which compresses without arguments and expands with `-d`.
 */
import { pipeline } from 'node:stream';
import type { Duplex } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import type { Clock } from '../../ports/clock.js';
import { describeEnd } from '../process/run-process.js';
import { type Bytes, runFed } from '../process/run-fed.js';
import { outputOf } from '../process/output-of.js';
import { whyNotStartable } from '../process/startable.js';
import { Refusal } from '../storage/attempt.js';

/** Turns a stream into another one, until the signal fires. */
export type Stage = (bytes: Bytes, signal: AbortSignal) => Bytes;

/** Both directions of one kind of compression. */
export interface Compression {
  readonly compress: Stage;
  readonly expand: Stage;
}

/** What running a program needs. */
export interface ProgramTools {
  readonly clock: Clock;
  readonly marksDir: string;
}

const FASTEST = 1;
const DIRECTORIES = ['/usr/local/bin', '/usr/bin', '/bin'];

const KNOWN: Readonly<Record<string, Compression>> = {
  none: { compress: (bytes) => bytes, expand: (bytes) => bytes },
  gzip: gzip(FASTEST),
  'gzip-fast': gzip(FASTEST),
  'gzip-slow': gzip(),
};

/** Finds a compression. Throws `Refusal` that says what to do if this machine has it not. */
export function compressionOf(name: string, tools: ProgramTools): Compression {
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  if (known !== undefined) return known;
  const file = findProgram(name);
  return {
    compress: (bytes, signal) => through(bytes, { file, args: [], ...tools }, signal),
    expand: (bytes, signal) => through(bytes, { file, args: ['-d'], ...tools }, signal),
  };
}

function findProgram(name: string): string {
  if (!/^[-\w.]+$/.test(name) || name.startsWith('-') || name.startsWith('.')) {
    throw new Refusal(`'${name}' is no name of a compression program`);
  }
  const paths = DIRECTORIES.map((directory) => `${directory}/${name}`);
  const file = paths.find((path) => whyNotStartable(path) === undefined);
  if (file !== undefined) return file;
  const where = DIRECTORIES.join(', ');
  throw new Refusal(`compression program '${name}' is not in ${where}; install it or name another`);
}

function gzip(level?: number): Compression {
  const options = level === undefined ? {} : { level };
  return {
    compress: (bytes) => piped(bytes, createGzip(options)),
    expand: (bytes) =>
      piped(bytes, createGunzip(), 'what comes is no gzip stream, or not all of it'),
  };
}

/** Either side's failure becomes the reader's. */
async function* piped(bytes: Bytes, stage: Duplex, flaw?: string): Bytes {
  let broken: unknown;
  const watched = watchedFor(bytes, (error) => {
    broken = error;
  });
  pipeline(watched, stage, () => undefined);
  try {
    yield* stage as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (broken !== undefined || flaw === undefined) throw broken ?? error;
    throw new Refusal(flaw, { cause: error });
  }
}

/** The same stream; tells when it is the one that fails. */
async function* watchedFor(bytes: Bytes, onError: (error: unknown) => void): Bytes {
  try {
    yield* bytes;
  } catch (error) {
    onError(error);
    throw error;
  }
}

interface Program extends ProgramTools {
  readonly file: string;
  readonly args: readonly string[];
}

function through(
  bytes: Bytes,
  { file, args, clock, marksDir }: Program,
  signal: AbortSignal,
): Bytes {
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' };
  return outputOf(async (stdout, stop) => {
    const request = { file, args, env, cwd: '/', clock, marksDir, stdout, signal: stop };
    const { end, lastLines } = await runFed(bytes, request);
    if (end.kind === 'exited' && end.code === 0) return;
    const said = lastLines.length === 0 ? '' : ` (${lastLines.join(' | ')})`;
    throw new Refusal(`'${[file, ...args].join(' ')}' ${describeEnd(end)}${said}`);
  }, signal);
}
