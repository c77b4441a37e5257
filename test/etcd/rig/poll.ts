/** Waiting for programs outside: real time, with a bound. */
import { setTimeout as wait } from 'node:timers/promises';

/** Asks until the answer is neither undefined nor false; throws when it took too long. */
export async function poll<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  limitMs: number = 15_000,
): Promise<T> {
  const endMs = performance.now() + limitMs;
  let reason = '';
  while (performance.now() < endMs) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      reason = String(error);
    }
    await wait(20);
  }
  throw new Error(`Waited ${limitMs} ms in vain for ${what} ${reason}`);
}

/** Real time passes. Only for the time that a fault lasts. */
export function lasting(ms: number): Promise<void> {
  return wait(ms);
}
