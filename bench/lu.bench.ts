/**
 * What the creation of an instance costs when nodes cost nothing, in clusters of several sizes.
 * Each cluster lives in a process of its own; the processes take turns.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LuRound } from './lu/worker.js';
import { median, pairedRatio } from './measure.js';
import type { BenchRow } from './row.js';

const ROUNDS = 15;
const WORKER = fileURLToPath(new URL('lu/worker.js', import.meta.url));

/** A cluster that is measured. */
interface Subject {
  readonly instances: number;
  readonly hypervisor: 'fake' | 'kvm';
}

const SMALL: Subject = { instances: 10, hypervisor: 'fake' };
const LARGER: readonly Subject[] = [
  { instances: 1_000, hypervisor: 'fake' },
  { instances: 10_000, hypervisor: 'fake' },
  { instances: 100_000, hypervisor: 'fake' },
];
const KVM: Subject = { instances: 10, hypervisor: 'kvm' };

/** Measures; takes about a minute, most of it to fill the largest cluster. */
export async function benchLu(): Promise<BenchRow[]> {
  const rounds = await measureAll([SMALL, ...LARGER, KVM]);
  const create = (subject: Subject): number[] => of(rounds, subject).map((r) => r.createUs);
  const floor = of(rounds, SMALL).map((round) => round.floorUs);
  const small = create(SMALL);
  const ms = median(small) / 1_000;
  return [
    {
      name: `LUInstanceCreate at ${words(SMALL)}`,
      value: ms,
      unit: 'ms',
      peer: 'floor: parse, awaits, two maps',
      peerValue: median(floor) / 1_000,
      ratio: pairedRatio(small, floor),
      goal: 'at most 0.6 ms',
      met: ms <= 0.6,
    },
    ...LARGER.map((subject) => growth(subject, create(subject), small)),
    {
      name: `LUInstanceCreate at ${words(KVM)}`,
      value: median(create(KVM)) / 1_000,
      unit: 'ms',
      peer: `at ${words(SMALL)}`,
      peerValue: ms,
      ratio: pairedRatio(create(KVM), small),
    },
  ];
}

function growth(subject: Subject, values: readonly number[], small: readonly number[]): BenchRow {
  const ratio = pairedRatio(values, small);
  return {
    name: `LUInstanceCreate at ${words(subject)}`,
    value: median(values) / 1_000,
    unit: 'ms',
    peer: `at ${words(SMALL)}`,
    peerValue: median(small) / 1_000,
    ratio,
    goal: 'at most 1.3 times',
    met: ratio <= 1.3,
  };
}

function words({ instances, hypervisor }: Subject): string {
  return `${instances.toLocaleString('en')} instances (${hypervisor})`;
}

function of(rounds: ReadonlyMap<Subject, LuRound[]>, subject: Subject): readonly LuRound[] {
  return rounds.get(subject) ?? [];
}

async function measureAll(subjects: readonly Subject[]): Promise<Map<Subject, LuRound[]>> {
  const workers = new Map<Subject, ChildProcess>();
  const rounds = new Map<Subject, LuRound[]>(subjects.map((subject) => [subject, []]));
  try {
    for (const subject of subjects) workers.set(subject, start(subject));
    await Promise.all([...workers.values()].map(answer));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [subject, worker] of workers) {
        const found = answer(worker);
        worker.send('round');
        rounds.get(subject)?.push((await found) as LuRound);
      }
    }
  } finally {
    for (const worker of workers.values()) worker.kill();
  }
  return rounds;
}

/** A worker says that it is ready before it takes part. */
function start({ instances, hypervisor }: Subject): ChildProcess {
  return fork(WORKER, [String(instances), hypervisor], { execArgv: [] });
}

/** The next message of a worker; rejects if it dies instead. */
function answer(worker: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => {
      reject(new Error(`A worker ended with status ${code} before it had answered`));
    };
    worker.once('exit', onExit);
    worker.once('message', (message) => {
      worker.off('exit', onExit);
      resolve(message);
    });
  });
}
