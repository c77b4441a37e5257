/**
 * Pipes for what a process prints. Node hands socket pairs to its children, and on those a script
 * cannot do `echo … > /dev/stderr`: opening a socket by name fails. Existing scripts do just that,
 * so they get a true pipe. Node cannot make one; `mkfifo` can, and its files are gone again
 * before a script starts. One pipe may serve both output and errors, which keeps their order.
 */
import { spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../paths/errno.js';

/** Where programs of the system are looked for. */
const SYSTEM_PATH = '/usr/bin:/bin:/usr/local/bin:/run/current-system/sw/bin';
/** Most pipes made at once; bounds the open files. */
const BATCH = 48;

/** One pipe: the reading end as a stream, the writing end as a number to hand to a child. */
export class Pipe {
  /** What was written into the pipe. Ends when the last writer has closed it. */
  readonly reader: Socket;
  /** Descriptor of the writing end. */
  readonly writer: number;
  #open = true;

  constructor(readerFd: number, writer: number) {
    this.reader = new Socket({ fd: readerFd, readable: true, writable: false });
    // Whoever reads learns of errors by reading; without a listener one would end the process.
    this.reader.on('error', () => undefined);
    this.writer = writer;
  }

  /** Closes our writing end: from now on the children are the only writers. */
  closeWriter(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.writer);
  }

  /** Closes both ends. */
  dispose(): void {
    this.reader.destroy();
    this.closeWriter();
  }
}

/** Makes pipes, several with one call of `mkfifo`. */
export class PipePool {
  readonly #ready: Pipe[] = [];
  #expected: number;

  /** @param expected - how many pipes will be taken. */
  constructor(expected: number) {
    this.#expected = expected;
  }

  /** A fresh pipe, now the caller's to dispose. Rejects if the system cannot make one. */
  async take(): Promise<Pipe> {
    if (this.#ready.length === 0) {
      const count = Math.max(1, Math.min(BATCH, this.#expected));
      this.#expected -= count;
      await makePipes(count, this.#ready);
    }
    const pipe = this.#ready.shift();
    if (pipe === undefined) throw new Error('no pipe was made');
    return pipe;
  }

  /** Closes the pipes that nobody took. */
  dispose(): void {
    for (const pipe of this.#ready.splice(0)) pipe.dispose();
  }
}

/** Removes the directories of processes that were killed while they made pipes. */
export async function removeStalePipes(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = /^logical-units-(\d+)-\w{6}$/.exec(name)?.[1];
    if (pid === undefined || lives(Number(pid))) continue;
    // Another user's directory is for that user to remove.
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

function makePipes(count: number, into: Pipe[]): Promise<void> {
  return withFifos(count, (path) => void into.push(openPipe(path)));
}

/** Makes pipes as files, has each of them opened, and removes the files again in any case. */
export async function withFifos(count: number, open: (path: string) => void): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), `logical-units-${process.pid}-`));
  try {
    const paths = Array.from({ length: count }, (_, index) => join(directory, String(index)));
    await mkfifo(paths);
    for (const path of paths) {
      open(path);
      unlinkSync(path);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The reader first: without one, opening the writing end would wait. */
function openPipe(path: string): Pipe {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return new Pipe(reader, openSync(path, constants.O_WRONLY));
  } catch (error) {
    closeSync(reader);
    throw error;
  }
}

function mkfifo(paths: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { env: { PATH: SYSTEM_PATH }, stdio: 'ignore' } as const;
    const child = spawn('mkfifo', ['-m', '600', '--', ...paths], options);
    const refuse = (why: string): void =>
      reject(new Error(`mkfifo cannot make a pipe in '${tmpdir()}' (${why})`));
    child.on('error', (error) => refuse(error.message));
    child.on('exit', (code, signal) => {
      if (code === 0) resolve();
      else refuse(`exit ${code ?? signal ?? 'unknown'}`);
    });
  });
}
