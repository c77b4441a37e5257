/**
 * Shows an operation's events as they happen: a spinner with percentages and times on a terminal,
 * plain lines elsewhere.
 */
import type { AnyReport } from 'logical-units';
import ora, { type Ora } from 'ora';

/** Shows events; `end` leaves the terminal as it was. */
export interface Show {
  event(event: AnyReport): void;
  end(): void;
}

/** The way of showing that suits the output. */
export function showFor(output: NodeJS.WriteStream): Show {
  return output.isTTY
    ? new SpinnerShow(output)
    : new PlainShow((line) => output.write(`${line}\n`));
}

/** One line per event, with the time since the beginning. */
export class PlainShow implements Show {
  readonly #print: (line: string) => void;
  readonly #startedMs = performance.now();
  #percent = -1;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  event(event: AnyReport): void {
    if (event.type === 'progress' && !this.#isNews(event.fraction)) return;
    const text = describe(event);
    if (text === undefined) return;
    const seconds = ((performance.now() - this.#startedMs) / 1000).toFixed(3).padStart(8);
    this.#print(`${seconds} s  ${text}`);
  }

  end(): void {
    // Nothing is left on the screen to take away.
  }

  /** A log wants tenths, not every percent. */
  #isNews(fraction: number): boolean {
    const percent = Math.floor(fraction * 10) * 10;
    const isNews = percent !== this.#percent;
    this.#percent = percent;
    return isNews;
  }
}

/** A spinner for what is going on, a line for what is done. */
export class SpinnerShow implements Show {
  readonly #spinner: Ora;
  #step: { readonly message: string; readonly startedMs: number } | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#spinner = ora({ stream, discardStdin: false });
  }

  event(event: AnyReport): void {
    const text = describe(event);
    if (text === undefined) return;
    if (event.type === 'step' || event.type === 'phaseEnd') this.#endStep();
    if (event.type === 'step') {
      this.#step = { message: event.message, startedMs: performance.now() };
    }
    this.#draw(event, text);
  }

  end(): void {
    this.#spinner.stop();
  }

  #draw(event: AnyReport, text: string): void {
    const spinner = this.#spinner;
    if (event.type === 'phaseEnd') {
      if (event.failed) spinner.fail(text);
      else spinner.succeed(text);
    } else if (event.type === 'warning' || event.type === 'lockWait') spinner.warn(text).start();
    else if (event.type === 'info') spinner.info(text).start();
    else spinner.start(text);
  }

  /** A step that is over stays on the screen, with its time. */
  #endStep(): void {
    if (this.#step === undefined) return;
    const { message, startedMs } = this.#step;
    this.#spinner.succeed(`  ${message} (${(performance.now() - startedMs).toFixed(1)} ms)`);
    this.#step = undefined;
  }
}

type Words = {
  readonly [K in AnyReport['type']]: (event: Extract<AnyReport, { type: K }>) => string | undefined;
};

const WORDS: Words = {
  phaseStart: ({ phase }) => `${phase} …`,
  phaseEnd: ({ phase, durationMs, failed }) =>
    `${phase} ${failed ? 'failed' : 'done'} (${durationMs.toFixed(1)} ms)`,
  step: ({ message }) => `  ${message}`,
  progress: ({ message, fraction, remainingMs }) =>
    `  ${message} ${Math.floor(fraction * 100)} %${left(remainingMs)}`,
  rung: ({ rung }) => `  placing: ${rung}`,
  info: ({ message }) => `  ${message}`,
  warning: ({ message }) => `  warning: ${message}`,
  lockWait: ({ level, blockers }) =>
    `  waiting for ${level} locks held by ${blockers.map((b) => b.owner).join(', ')}`,
  lockGranted: ({ locks, waitedMs }) =>
    locks.length === 0 ? undefined : `  locked ${locks.join(', ')} (${waitedMs.toFixed(1)} ms)`,
  call: ({ method, nodes, durationMs, failed }) =>
    `  ${method} on ${nodes.join(', ')} ${failed ? 'failed' : 'ok'} (${durationMs.toFixed(1)} ms)`,
  remoteImport: () => '  another cluster may send an instance now',
  // The framework says the same in words, as information or warning.
  hook: () => undefined,
  commit: ({ why, serial }) => `  configuration ${serial}: ${why}`,
  undone: ({ what, error }) =>
    error === undefined ? `  undone: ${what}` : `  left: ${what}: ${error}`,
  retry: ({ reason }) => `trying again: ${reason}`,
};

function describe(event: AnyReport): string | undefined {
  // The table's type ties each event to its own words; indexing by a union loses that tie.
  return (WORDS[event.type] as (event: AnyReport) => string | undefined)(event);
}

function left(remainingMs: number | undefined): string {
  return remainingMs === undefined ? '' : `, ${Math.ceil(remainingMs / 1000)} s left`;
}
