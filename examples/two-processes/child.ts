/** A process that was started by this one: what it says is shown, and can be waited for. */
import { type ChildProcess, fork } from 'node:child_process';

/** A child, and what it says. */
export class Child {
  readonly #process: ChildProcess;
  readonly #said: string[] = [];
  readonly #gone: Promise<void>;
  #isGone = false;

  constructor(name: string, program: string, args: readonly string[]) {
    this.#process = fork(program, [...args]);
    this.#gone = new Promise((resolve) => this.#process.once('exit', () => resolve()));
    void this.#gone.then(() => (this.#isGone = true));
    this.#process.on('message', (message) => {
      const line = typeof message === 'string' ? message : JSON.stringify(message);
      this.#said.push(line);
      say(`${name}: ${line}`);
    });
  }

  /** Says something to it. */
  tell(word: string): void {
    this.#process.send(word);
  }

  /** The first line that matches; rejects if the process ends without it. */
  hears(what: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const line = this.#said.find((each) => what.test(each));
        if (line !== undefined) resolve(line);
      };
      this.#process.on('message', look);
      void this.#gone.then(() => reject(new Error(`It ended without having said ${what}`)));
      look();
    });
  }

  /** Lets it end by itself; answers with its last words. */
  async end(): Promise<string> {
    this.tell('end');
    const line = await this.hears(/^sees /);
    await this.#gone;
    return line;
  }

  /** As `kill -9` does. */
  async kill(): Promise<void> {
    if (!this.#isGone) this.#process.kill('SIGKILL');
    await this.#gone;
  }
}

/** Shows a line. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
