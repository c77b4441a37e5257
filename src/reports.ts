/**
 * The reporter of one operation: turns what an LU reports into typed events for whoever listens.
 * It owns the current step's start, for estimates of the time left, and nothing else.
 *
 * P1 A listener that throws stops neither the operation nor the other listeners.
 */
import { EventEmitter } from 'eventemitter3';
import type { Clock } from './ports/clock.js';
import type { PhaseName, PlacementRung, ReportEvents, Reporter } from './ports/reporter.js';
import type { RemoteImportOffer } from './ports/transfer.js';

/**
 * Gets every event of an operation, tagged with its name.
 * @public
 */
export type ReportListener = (event: AnyReport) => void;

/**
 * Any event.
 * @public
 */
export type AnyReport = {
  [K in keyof ReportEvents]: { readonly type: K } & ReportEvents[K];
}[keyof ReportEvents];

/**
 * A typed emitter behind the `Reporter` port.
 * @public
 */
export class Reports implements Reporter {
  readonly #emitter = new EventEmitter<{ report: [AnyReport] }>();
  readonly #clock: Clock;
  #step = { message: '', startedMs: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Listens to everything; the returned function ends that. */
  listen(listener: ReportListener): () => void {
    const guarded = (event: AnyReport): void => {
      try {
        listener(event);
      } catch {
        // P1: progress is for onlookers; their mistakes are not the operation's.
      }
    };
    this.#emitter.on('report', guarded);
    return () => void this.#emitter.off('report', guarded);
  }

  /** Sends an event. */
  emit(event: AnyReport): void {
    this.#emitter.emit('report', event);
  }

  /** A step begins. */
  step(message: string): void {
    this.#step = { message, startedMs: this.#clock.monotonic() };
    this.emit({ type: 'step', message, atMs: this.#clock.now() });
  }

  /** How far the current step has come, from 0 to 1. */
  progress(fraction: number, message?: string): void {
    const elapsedMs = this.#clock.monotonic() - this.#step.startedMs;
    const remaining = fraction > 0 ? { remainingMs: (elapsedMs * (1 - fraction)) / fraction } : {};
    this.emit({ type: 'progress', message: message ?? this.#step.message, fraction, ...remaining });
  }

  /** Something worth knowing. */
  info(message: string): void {
    this.emit({ type: 'info', message });
  }

  /** Something that the operator should look at. */
  warn(message: string): void {
    this.emit({ type: 'warning', message });
  }

  /** Another cluster may send an instance now. */
  offer(offer: RemoteImportOffer): void {
    this.emit({ type: 'remoteImport', ...offer });
  }

  /** A place is looked for on this rung of the ladder. */
  rung(rung: PlacementRung): void {
    this.emit({ type: 'rung', rung });
  }

  /** Runs a phase between its start and end events. */
  async phase<T>(phase: PhaseName, work: () => T | Promise<T>): Promise<T> {
    const startedMs = this.#clock.monotonic();
    this.emit({ type: 'phaseStart', phase, atMs: this.#clock.now() });
    let failed = true;
    try {
      const value = await work();
      failed = false;
      return value;
    } finally {
      const durationMs = this.#clock.monotonic() - startedMs;
      this.emit({ type: 'phaseEnd', phase, atMs: this.#clock.now(), durationMs, failed });
    }
  }
}
