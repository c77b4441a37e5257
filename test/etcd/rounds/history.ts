/** Who began what when, and what came of it. Time is counted, since one process sees all. */
import { isOutcomeUnknown } from '../../../src/ports/kv-store.js';
import { isLinearizable, type Model, type Timed } from '../check/linearizable.js';
import type { Judgement } from './workload.js';

/** Histories of several objects, by name. */
export class Histories<State, Op> {
  readonly #model: Model<State, Op>;
  readonly #all = new Map<string, Timed<Op>[]>();
  /** What failed for certain: the first thing to look at when a history cannot be. */
  readonly #failures: string[] = [];
  #now = 0;

  constructor(model: Model<State, Op>) {
    this.#model = model;
  }

  /**
   * Carries out an operation and writes it down. `told`: what it did, by its result, or by
   * `undefined` if that is unknown; `undefined` if it cannot have done anything then. One that fails
   * for certain has not happened: if it has, what others read will not fit.
   */
  async run<T>(
    object: string,
    work: () => Promise<T>,
    told: (result: T | undefined) => Op | undefined,
  ): Promise<T | undefined> {
    const begin = this.tick();
    try {
      const result = await work();
      this.note(object, told(result), begin, this.tick());
      return result;
    } catch (error) {
      if (isOutcomeUnknown(error)) this.note(object, told(undefined), begin);
      else this.#failures.push(`${object} at ${begin}: ${String(error)}`);
      return undefined;
    }
  }

  /** The moment that is now. */
  tick(): number {
    return ++this.#now;
  }

  /** Writes down what happened between two moments; without `end`, later or never. */
  note(object: string, op: Op | undefined, begin: number, end?: number): void {
    if (op === undefined) return;
    const history = this.#all.get(object) ?? [];
    history.push({ op, begin, end });
    this.#all.set(object, history);
  }

  judge(): Judgement {
    const all = [...this.#all.values()].flat();
    const violations = [...this.#all]
      .filter(([, history]) => !isLinearizable(this.#model, history))
      .map(([object, history]) => `${object}: ${JSON.stringify(history)}`)
      .map((violation) => [violation, ...this.#failures].join('; '));
    const unknown = all.filter(({ end }) => end === undefined).length;
    return { operations: all.length, unknown, violations };
  }
}
