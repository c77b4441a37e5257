/**
 * Lets jobs in one at a time, in the order in which they came: what has to look, wait and then
 * write as one step, runs in here.
 */

/** A queue of one. */
export class Turnstile {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a job after all earlier ones have ended, well or not. */
  run<T>(job: () => Promise<T>): Promise<T> {
    const result = this.#last.then(job);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
