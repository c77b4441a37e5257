/**
 * Works that take turns, each so many times in every round, timed by the clock on the wall. What
 * slows the server down for a while then slows all of them down.
 */
import { median, pairedRatio, pairedSpread } from '../measure.js';
import type { BenchRow } from '../row.js';

/** Does something once; answers how long it took, milliseconds, if not all of it counts. */
export type Work = () => Promise<number | void>;

/** Rounds for the compiler, not for the figures. */
const WARM_UPS = 3;

/** What a work is held against: another one, and its name in words; and the goal for the ratio. */
export interface Against {
  readonly peer: readonly [name: string, words: string];
  readonly goal?: number;
}

/** Milliseconds per work and round. */
export class Rounds {
  readonly #figures: ReadonlyMap<string, readonly number[]>;

  private constructor(figures: ReadonlyMap<string, readonly number[]>) {
    this.#figures = figures;
  }

  /** Measures all works. */
  static async measure(
    works: Readonly<Record<string, Work>>,
    { rounds, times }: { readonly rounds: number; readonly times: number },
  ): Promise<Rounds> {
    const figures = new Map<string, number[]>(Object.keys(works).map((name) => [name, []]));
    for (let round = -WARM_UPS; round < rounds; round++) {
      const sums = await takeTurns(works, times);
      if (round < 0) continue;
      for (const [name, sum] of sums) figures.get(name)?.push(sum / times);
    }
    return new Rounds(figures);
  }

  /** A line of the report. */
  row(name: string, work: string, { peer: [peerWork, peer], goal }: Against): BenchRow {
    const [values, peers] = [this.#of(work), this.#of(peerWork)];
    const ratio = pairedRatio(values, peers);
    const verdict = goal === undefined ? {} : { goal: `≤ ${goal}x`, met: ratio <= goal };
    return {
      name,
      value: median(values),
      unit: 'ms wall',
      peer,
      peerValue: median(peers),
      ratio,
      spread: pairedSpread(values, peers),
      ...verdict,
    };
  }

  #of(work: string): readonly number[] {
    return this.#figures.get(work) ?? [];
  }
}

/** One after the other, each once, then again: the smallest stretches that can be compared. */
async function takeTurns(
  works: Readonly<Record<string, Work>>,
  times: number,
): Promise<Map<string, number>> {
  const sums = new Map<string, number>();
  for (let time = 0; time < times; time++) {
    for (const [name, work] of Object.entries(works)) {
      const startMs = performance.now();
      const ms = (await work()) ?? performance.now() - startMs;
      sums.set(name, (sums.get(name) ?? 0) + ms);
    }
  }
  return sums;
}
