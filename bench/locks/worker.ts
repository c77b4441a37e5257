/**
 * A process that measures one kind of work, all libraries taking turns in every round, so that a
 * busy machine slows all of them down alike. Another kind gets another process: none pays for
 * another's garbage, nor for what another has taught the compiler.
 */
import { cpuUs } from '../measure.js';
import { makeSubjects, type Subject, type Task } from './subjects.js';

const ROUNDS = 15;
const WARM_UPS = 5;

/** Tasks are repeated until a single garbage collection more or less does not decide. */
const LEAST_OPERATIONS = 40_000;

/** In so many parts, each of which begins with the nursery filled to another level. */
const PARTS = 10;

/** What V8 allocates before it looks what of it is still alive. */
const NURSERY_BYTES = 16 * 2 ** 20;

/** The multiples of this spread evenly over the whole numbers' gaps, however many they are. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/** One kind of work: operations per round, and locks per operation. */
export interface Case {
  readonly name: string;
  readonly task: keyof Subject;
  readonly count: number;
  readonly locks: number;
}

/** Nanoseconds per operation and lock, one value per round, by library. */
export type Figures = Readonly<Record<string, readonly number[]>>;

async function measureAll({ task, count, locks }: Case): Promise<Figures> {
  const tasks = Object.entries(makeSubjects()).flatMap(([name, subject]) => {
    const own = subject[task];
    return own === undefined ? [] : [{ name, run: own }];
  });
  const figures = Object.fromEntries(tasks.map(({ name }): [string, number[]] => [name, []]));
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    // Everyone gets to be the first, who pays for what the one before has left to collect.
    const turn = (round + WARM_UPS) % tasks.length;
    for (const { name, run } of [...tasks.slice(turn), ...tasks.slice(0, turn)]) {
      const ns = await measure(run, count, locks);
      if (round >= 0) figures[name]?.push(ns);
    }
  }
  return figures;
}

async function measure(run: Task, count: number, locks: number): Promise<number> {
  const times = Math.ceil(LEAST_OPERATIONS / (PARTS * count * locks));
  let us = 0;
  for (let part = 0; part < PARTS; part++) {
    litter(((part * GOLDEN_RATIO) % 1) * NURSERY_BYTES);
    const before = cpuUs();
    for (let time = 0; time < times; time++) await run(count);
    us += cpuUs() - before;
  }
  return (us * 1000) / (PARTS * times * count * locks);
}

/**
 * Leaves garbage behind, and by the way collects what the one before has left. Ten thousand waiters
 * take about as much as the nursery has, so that without this one library's would be alive at each
 * collection and another's at none, for as long as the process lives.
 */
function litter(bytes: number): void {
  const kept: number[][] = [[]];
  for (let left = bytes; left > 0; left -= 1024) kept[0] = new Array<number>(126).fill(0);
}

process.on('message', (wanted: Case) => {
  void measureAll(wanted).then((figures) => process.send?.(figures, () => process.disconnect()));
});
