/**
 * How long a process may believe that it counts as alive: the deadline, and the timer behind it.
 *
 * D1 The deadline is counted from when a request was SENT which the server has acknowledged: the
 *    server counts from when it came, which was later. So we stop first, however long answers take.
 * D2 Only 4/5 of the time that the server grants is used. The rest is for clocks that run
 *    differently, and for a change of leaders, whose clock starts anew.
 * D3 The end is for good, and comes on time whether or not the network answers. An acknowledgement
 *    that comes after the deadline changes nothing, even if the timer has not run yet.
 */
import { LockLost } from '../errors.js';
import type { Clock, Timer } from '../ports/clock.js';

/** The part of the granted time that is used. */
const USED = 0.8;

/** Guards one lease. */
export class LeaseGuard {
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  #deadlineMs: number;
  #timer: Timer | undefined;

  /** `sentMs`: when the lease was asked for, by the monotonic clock; `ttlSeconds`: as granted. */
  constructor(clock: Clock, sentMs: number, ttlSeconds: number) {
    this.#clock = clock;
    this.#deadlineMs = sentMs + ttlSeconds * 1_000 * USED;
    this.#arm();
  }

  /** Fires at the deadline. Whoever asks for it after the deadline finds it fired. */
  get signal(): AbortSignal {
    this.#check();
    return this.#controller.signal;
  }

  /** The server has acknowledged what was sent at `sentMs`. */
  acknowledged(sentMs: number, ttlSeconds: number): void {
    this.#check();
    if (this.#controller.signal.aborted) return;
    this.#deadlineMs = Math.max(this.#deadlineMs, sentMs + ttlSeconds * 1_000 * USED);
    this.#arm();
  }

  /** Ends it now. Twice is harmless. */
  end(reason: string): void {
    this.#timer?.cancel();
    if (!this.#controller.signal.aborted) this.#controller.abort(new LockLost(reason));
  }

  #arm(): void {
    this.#timer?.cancel();
    const leftMs = this.#deadlineMs - this.#clock.monotonic();
    if (leftMs > 0) this.#timer = this.#clock.timer(leftMs, () => this.#arm());
    else this.#check();
  }

  #check(): void {
    if (this.#clock.monotonic() < this.#deadlineMs) return;
    this.end('etcd did not say in time that this process still counts as alive; open it again');
  }
}
