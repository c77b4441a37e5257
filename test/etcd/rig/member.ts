/** One etcd process: started, killed, stopped and let go on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findEtcd } from './etcd-binary.js';
import { poll } from './poll.js';

/** What a member is started with. */
export interface MemberOptions {
  readonly name: string;
  /** A directory of its own. */
  readonly directory: string;
  /** Words before the program's name, such as `ip netns exec …`. */
  readonly within: readonly string[];
  readonly clientUrl: string;
  readonly peerUrl: string;
  /** All other words of the command line. */
  readonly flags: readonly string[];
}

/** A member of a cluster. */
export class Member {
  readonly name: string;
  readonly clientUrl: string;
  readonly #options: MemberOptions;
  #process: ChildProcess | undefined;
  #isPaused = false;

  constructor(options: MemberOptions) {
    this.name = options.name;
    this.clientUrl = options.clientUrl;
    this.#options = options;
  }

  /** Its process. */
  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error(`${this.name} does not run`);
    return pid;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** Starts it, with the data that it had. Dies with this process. */
  start(): void {
    const { name, directory, within, clientUrl, peerUrl, flags } = this.#options;
    const found = findEtcd();
    if ('missing' in found) throw new Error(found.missing);
    mkdirSync(directory, { recursive: true });
    const log = openSync(join(directory, 'log'), 'a');
    const words = [
      ...[...within, 'setpriv', '--pdeathsig', 'KILL', found.program],
      ...['--name', name, '--data-dir', join(directory, 'data')],
      ...['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
      ...flags,
    ];
    const [program = '', ...args] = words;
    const child = spawn(program, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    child.once('exit', () => {
      if (this.#process === child) this.#process = undefined;
    });
    this.#process = child;
  }

  /** Ends it on the spot, as `kill -9` does. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    this.#isPaused = false;
    await gone;
  }

  /** Stops it where it is; its connections stay open. It has stopped when the promise resolves. */
  async pause(): Promise<void> {
    const { pid } = this;
    process.kill(pid, 'SIGSTOP');
    this.#isPaused = true;
    // A thread that runs on another processor goes on until it is told; it could still answer.
    await poll(`${this.name} to stand still`, () => Promise.resolve(standsStill(pid)));
  }

  /** Lets it go on. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    process.kill(this.pid, 'SIGCONT');
  }

  /** The end of what it has said. */
  log(): string {
    try {
      const text = readFileSync(join(this.#options.directory, 'log'), 'utf8');
      return text.split('\n').slice(-20).join('\n');
    } catch {
      return '';
    }
  }
}

/** Whether all threads of a process are stopped. */
function standsStill(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    // The state follows the name, which stands in brackets and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
  });
}
