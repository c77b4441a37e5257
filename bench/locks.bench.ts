/**
 * What locks cost, held against bare bookkeeping and against other lock libraries.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LockMemory } from './locks/memory.js';
import type { Case, Figures } from './locks/worker.js';
import { median, pairedRatio } from './measure.js';
import type { BenchRow } from './row.js';

const CASES: readonly Case[] = [
  { name: 'uncontended acquire + release', task: 'uncontended', count: 20_000, locks: 1 },
  { name: '100 waiters, per waiter', task: 'waiters', count: 100, locks: 1 },
  { name: '10,000 waiters, per waiter', task: 'waiters', count: 10_000, locks: 1 },
  { name: '100 workers, 1 in 10 exclusive', task: 'mix', count: 20_000, locks: 1 },
  { name: '10 locks at once, per lock', task: 'ten', count: 1_000, locks: 10 },
  { name: '100 locks at once, per lock', task: 'hundred', count: 100, locks: 100 },
];

const PEERS = ['rwlock', 'async-lock', 'async-mutex Mutex', 'async-mutex Semaphore'];

/** Measures; takes some twenty seconds. */
export async function benchLocks(): Promise<BenchRow[]> {
  const figures: Figures[] = [];
  for (const each of CASES) figures.push(await measureCase(each));
  const of = (at: number, subject: string): readonly number[] => {
    const values = figures[at]?.[subject];
    if (values === undefined) throw new Error(`${subject} was not measured in case ${at}`);
    return values;
  };
  const row = (at: number, peer: string, goal?: string, limit = 0): BenchRow => {
    const [values, peers] = [of(at, 'ours'), of(at, peer)];
    const ratio = pairedRatio(values, peers);
    return {
      name: `locks: ${CASES[at]?.name}`,
      value: median(values),
      unit: 'ns',
      peer,
      peerValue: median(peers),
      ratio,
      ...(goal === undefined ? {} : { goal, met: ratio <= limit }),
    };
  };
  const best = (at: number): string =>
    PEERS.filter((peer) => figures[at]?.[peer] !== undefined).reduce((a, b) =>
      median(of(at, a)) <= median(of(at, b)) ? a : b,
    );
  return [
    row(0, 'Map + await', 'at least half as fast', 2),
    row(0, 'async-mutex Mutex', 'at least 5 times as fast', 1 / 5),
    row(0, 'async-lock', 'at least 1.5 times as fast', 1 / 1.5),
    row(0, 'rwlock', 'at most 1.3 times its time', 1.3),
    row(1, 'rwlock'),
    row(2, 'rwlock', 'at most 1.2 times its time', 1.2),
    growth(of(2, 'ours'), of(1, 'ours')),
    surcharge(of(0, 'ours, limited'), of(0, 'ours'), 'at once', 0.05),
    surcharge(of(1, 'ours, limited'), of(1, 'ours'), 'after a wait', 500),
    row(3, 'rwlock', 'at most its time', 1),
    row(3, 'async-mutex Semaphore', 'at least 2.5 times as fast', 1 / 2.5),
    row(4, best(4), 'at least 1.5 times as fast as the best peer', 1 / 1.5),
    row(5, best(5), 'at least 1.5 times as fast as the best peer', 1 / 1.5),
    row(5, 'Map + await', 'at most 2.5 times its time', 2.5),
    ...(await memoryRows()),
  ];
}

/** Measures one case in a process of its own. */
function measureCase(wanted: Case): Promise<Figures> {
  const child = start('locks/worker.js', []);
  child.send(wanted);
  return answerOf(child);
}

function growth(many: readonly number[], few: readonly number[]): BenchRow {
  const ratio = pairedRatio(many, few);
  return {
    name: 'locks: 10,000 waiters, per waiter',
    value: median(many),
    unit: 'ns',
    peer: 'with 100 waiters',
    peerValue: median(few),
    ratio,
    goal: 'at most 3 times as much',
    met: ratio <= 3,
  };
}

/** What a priority and a time limit add, nanoseconds; `limit` below 1 is a share of the time. */
function surcharge(
  limited: readonly number[],
  plain: readonly number[],
  when: string,
  limit: number,
): BenchRow {
  const added = median(limited.map((value, round) => value - (plain[round] ?? Number.NaN)));
  const most = limit < 1 ? limit * median(plain) : limit;
  return {
    name: `locks: time limit and priority, granted ${when}`,
    value: added,
    unit: 'ns',
    peer: 'all without',
    peerValue: median(plain),
    goal: limit < 1 ? 'nothing (5 % of it at most)' : `at most ${limit} ns`,
    met: added <= most,
  };
}

async function memoryRows(): Promise<BenchRow[]> {
  const { heldByMany, heldByOne, waiter } = await weigh();
  const row = (name: string, value: number, limit: number): BenchRow => ({
    name: `locks: ${name}`,
    value,
    unit: 'B',
    goal: `at most ${limit} B`,
    met: value <= limit,
  });
  return [
    row('memory of a held lock, each its own owner', heldByMany, 200),
    row('memory of a held lock, one owner', heldByOne, 200),
    row('memory of a waiter', waiter, 700),
  ];
}

function weigh(): Promise<LockMemory> {
  return answerOf(start('locks/memory.js', ['--expose-gc']));
}

function start(path: string, flags: readonly string[]): ChildProcess {
  const execArgv = [...process.execArgv, ...flags];
  return fork(fileURLToPath(new URL(path, import.meta.url)), { execArgv });
}

/** The one message that a child sends. */
function answerOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.on('message', (found: T) => resolve(found));
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`The child ended with ${code} and no figure`)));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { name, value, unit, peer, peerValue, ratio, goal, met } of await benchLocks()) {
    const against = peer === undefined ? '' : ` | ${peer} ${peerValue?.toFixed(0)} ${unit}`;
    const times = ratio === undefined ? '' : ` | x${ratio.toFixed(2)}`;
    const verdict = goal === undefined ? '' : `${met === true ? 'met' : 'MISSED'}: ${goal}`;
    process.stdout.write(`${name}: ${value.toFixed(0)} ${unit}${against}${times} | ${verdict}\n`);
  }
}
