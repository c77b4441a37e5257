/**
 * Waits for work while the cluster's time goes by from timer to timer; nothing is slept for. Work
 * that takes too much time is given up, as a caller would, and has to end then.
 */
import type { ManualClock } from '../../src/testing/manual-clock.js';

/** How work ended. */
export interface Driven<T> {
  readonly value?: T;
  readonly error?: unknown;
  /** What is wrong with how long it took. */
  readonly flaws: readonly string[];
}

/** Timers until the caller gives up: a wait may be as long as the request says. */
const PATIENCE = 3000;
/** Turns of the event loop without a timer until work counts as stuck. */
const IDLE = 50;

/** Drives work to its end; `giveUp` aborts it, after that many timers if it is told so. */
export async function drive<T>(
  clock: ManualClock,
  work: Promise<T>,
  giveUp: () => void,
  patience: number = PATIENCE,
): Promise<Driven<T>> {
  let ended: Driven<T> | undefined;
  work.then(
    (value) => (ended = { value, flaws: [] }),
    (error: unknown) => (ended = { error: error ?? new Error('nothing'), flaws: [] }),
  );
  let idle = 0;
  let timers = 0;
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    if (ended !== undefined) return ended;
    if (await clock.advanceToNext()) {
      idle = 0;
      timers += 1;
      if (timers === Math.min(patience, PATIENCE)) giveUp();
      if (timers < 2 * PATIENCE) continue;
      const flaws = ['it waits on and on, although the caller has given up'];
      return { error: new Error('endless'), flaws };
    }
    idle += 1;
    if (idle > IDLE) return { error: new Error('stuck'), flaws: ['it waits for nothing'] };
  }
}
