/**
 * Code that never gives the event loop a turn cannot be counted step by step from outside. So steps
 * are counted from inside: after too many promise reactions in one case the process ends and names
 * the case. What does not even wait for promises is seen by a thread beside it.
 */
import { writeSync } from 'node:fs';
import { promiseHooks } from 'node:v8';
import { Worker } from 'node:worker_threads';

/** Watches over cases. */
export interface Guard {
  /** A case begins; `name` repeats it. */
  begin(name: string): void;
  /** Nothing is watched any more. */
  end(): Promise<void>;
}

/** Promise reactions of one case; the longest waits take some hundred thousand. */
const STEPS = 20_000_000;
/** How long the event loop may stand still, milliseconds. */
const STILL_MS = 60_000;
const NAME_LENGTH = 400;

/** Watches from now on. Limits other than the usual ones are for tests of this guard. */
export function guard({ steps = STEPS, stillMs = STILL_MS } = {}): Guard {
  const shared = new SharedArrayBuffer(4 + NAME_LENGTH);
  const beats = new Int32Array(shared, 0, 1);
  const name = new Uint8Array(shared, 4);
  let left = steps;
  const stop: unknown = promiseHooks.onBefore(() => {
    left -= 1;
    if (left === 0) die(`${textOf(name)} goes on and on: ${steps} promise reactions`);
  });
  const worker = new Worker(WATCH, { eval: true, workerData: { shared, stillMs } });
  worker.unref();
  return {
    begin: (text) => {
      left = steps;
      name.fill(32);
      new TextEncoder().encodeInto(text, name);
      Atomics.add(beats, 0, 1);
    },
    end: async () => {
      if (typeof stop === 'function') Reflect.apply(stop, undefined, []);
      await worker.terminate();
    },
  };
}

function textOf(name: Uint8Array): string {
  return new TextDecoder().decode(name).trim();
}

function die(message: string): void {
  writeSync(2, `VIOLATION ${message}\n`);
  process.kill(process.pid, 'SIGKILL');
}

/** Runs in the thread: the case that began must be followed by another one. */
const WATCH = `
  const { workerData: { shared, stillMs } } = require('node:worker_threads');
  const beats = new Int32Array(shared, 0, 1);
  let seen = -1;
  let sinceMs = Date.now();
  setInterval(() => {
    const now = Atomics.load(beats, 0);
    if (now !== seen) [seen, sinceMs] = [now, Date.now()];
    if (Date.now() - sinceMs < stillMs) return;
    const name = Buffer.from(new Uint8Array(shared, 4)).toString('utf8').trim();
    require('node:fs').writeSync(2, 'VIOLATION ' + name + ' does not come back\\n');
    process.kill(process.pid, 'SIGKILL');
  }, 200);
`;
