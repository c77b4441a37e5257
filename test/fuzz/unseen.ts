/**
 * Rejections that nobody handles, while something runs.
 */
import { shown } from './judge.js';

/** What came of it, and one line for each rejection that nobody saw. */
export interface Watched<T> {
  readonly value: T;
  readonly unseen: readonly string[];
}

/** Runs it. */
export async function watched<T>(run: () => Promise<T>): Promise<Watched<T>> {
  const unseen: string[] = [];
  const onUnseen = (reason: unknown): void => {
    unseen.push(`nobody saw this rejection: ${shown(reason)}`);
  };
  process.on('unhandledRejection', onUnseen);
  try {
    const value = await run();
    // They are told of after the turn in which they came.
    await new Promise((resolve) => setImmediate(resolve));
    return { value, unseen };
  } finally {
    process.off('unhandledRejection', onUnseen);
  }
}
