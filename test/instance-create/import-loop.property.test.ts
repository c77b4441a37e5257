/**
 * The state machine of transfers against nodes that do anything at all: fail to start, stay silent,
 * forget daemons, end in any order. Rules P1 to P3 of `transfer/loop.ts`.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge } from '../../src/transfer/judge.js';
import { LOCAL_LIMITS } from '../../src/transfer/limits.js';
import {
  beginRound,
  type Call,
  type Daemon,
  isActive,
  type LoopState,
  newLoop,
  notStarted,
  outcomes,
  started,
  toAsk,
  toClean,
  toStart,
} from '../../src/transfer/loop.js';
import type { NodeId } from '../../src/model/ids.js';
import type { TransferStatus } from '../../src/ports/transfer.js';

const TARGET = 'target' as NodeId;
const SOURCE = 'source' as NodeId;

/** What a node says of one daemon in one round. */
type Word = 'silent' | 'unknown' | 'idle' | 'listens' | 'connected' | 'done' | 'failed';
const WORDS: readonly Word[] = [
  'silent',
  'unknown',
  'idle',
  'listens',
  'connected',
  'done',
  'failed',
];

const STATES: Readonly<Record<Exclude<Word, 'silent'>, TransferStatus | undefined>> = {
  unknown: undefined,
  idle: { output: [] },
  listens: { output: [], port: 7 },
  connected: { output: [], port: 7, connected: true },
  done: { output: [], port: 7, connected: true, exitStatus: 0 },
  failed: { output: [], exitStatus: 1, error: 'broken' },
};

interface Step {
  readonly starts: boolean;
  readonly word: Word;
}

interface History {
  state: LoopState;
  readonly startedNames: Set<string>;
  readonly calls: Call[];
  rounds: number;
}

/** Plays until nobody is left; `next` says what happens. */
function play(transfers: number, next: () => Step): History {
  const route = { to: TARGET, from: SOURCE };
  const history: History = {
    state: newLoop(Array.from({ length: transfers }, () => route)),
    startedNames: new Set(),
    calls: [],
    rounds: 0,
  };
  for (let nowMs = 0; ; history.rounds++) {
    if (history.rounds > 10_000) throw new Error('it does not end');
    history.state = beginRound(history.state);
    for (const daemon of toStart(history.state)) start(history, daemon, nowMs, next().starts);
    const asked = toAsk(history.state);
    if (asked.size === 0) return history;
    const statuses = new Map(
      [...asked].flatMap(([node, names]) => {
        const words = names.map(() => next().word);
        if (words.includes('silent')) return [];
        return [[node, new Map(names.map((name, at) => [name, stateOf(words[at])]))] as const];
      }),
    );
    const before = history.state;
    const turn = judge(history.state, statuses, nowMs, LOCAL_LIMITS);
    checkTurn(before, turn.state);
    history.state = turn.state;
    history.calls.push(...turn.calls);
    if (turn.delayMs === undefined) return history;
    expect(turn.delayMs).toBeGreaterThanOrEqual(1000);
    nowMs += turn.delayMs;
  }
}

function stateOf(word: Word | undefined): TransferStatus | undefined {
  return word === undefined || word === 'silent' ? undefined : STATES[word];
}

function start(history: History, daemon: Daemon, nowMs: number, works: boolean): void {
  if (!works) {
    const turn = notStarted(history.state, daemon, 'no');
    history.state = turn.state;
    history.calls.push(...turn.calls);
    return;
  }
  const name = `${daemon.side}-${daemon.transfer}`;
  expect(history.startedNames.has(name)).toBe(false);
  if (daemon.side === 'send') {
    const receiver = history.state.daemons.find(
      ({ transfer, side }) => transfer === daemon.transfer && side === 'receive',
    );
    expect(receiver?.listeningMs).toBeDefined();
  }
  history.startedNames.add(name);
  history.state = started(history.state, daemon, name, nowMs);
}

/** P2: an outcome is never taken back. */
function checkTurn(before: LoopState, after: LoopState): void {
  for (const [at, daemon] of before.daemons.entries()) {
    if (!isActive(daemon)) expect(after.daemons[at]?.outcome).toEqual(daemon.outcome);
  }
}

test('whatever nodes do, all daemons end, and each that was started is cleaned up once', () => {
  const step = fc.record({
    starts: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
    word: fc.constantFrom(...WORDS),
  });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4 }), fc.infiniteStream(step), (transfers, steps) => {
      const { state, startedNames, calls } = play(transfers, () => steps.next().value as Step);
      expect(state.daemons.filter(isActive)).toEqual([]);
      const cleaned = calls.filter(({ kind }) => kind === 'clean').map(({ name }) => name);
      const left = toClean(state).map(({ name }) => name);
      expect([...cleaned, ...left].sort()).toEqual([...startedNames].sort());
      const ends = outcomes(state);
      expect(ends).toHaveLength(transfers);
      for (const [transfer, { ok }] of ends.entries()) {
        const own = state.daemons.filter((daemon) => daemon.transfer === transfer);
        expect(ok).toBe(own.every(({ outcome }) => outcome?.ok === true));
      }
    }),
  );
});

test('a transfer that nobody has begun did not come to an end', () => {
  expect(outcomes(newLoop([{ to: TARGET }]))).toEqual([
    { ok: false, message: 'it did not come to an end' },
  ]);
});

test('nodes that say nothing for ever are given up', () => {
  for (const word of WORDS.filter((one) => one !== 'done' && one !== 'failed')) {
    if (word === 'connected') continue;
    const { state } = play(2, () => ({ starts: true, word }));
    expect(outcomes(state).map(({ ok }) => ok)).toEqual([false, false]);
  }
});

const BROKEN_OFF: TransferStatus = {
  output: [],
  exitStatus: 1,
  error: 'the other side is gone',
  brokenOff: true,
};
const KNOWS_WHY: TransferStatus = { output: [], exitStatus: 1, error: 'no tape' };

test.each([
  ['receiver', KNOWS_WHY, BROKEN_OFF, 'no tape'],
  ['sender', BROKEN_OFF, KNOWS_WHY, 'no tape'],
  ['nobody', BROKEN_OFF, { output: [], connected: true }, 'the other side is gone'],
])('the reason is that of the side that knows it (%s)', (_, receiver, sender, message) => {
  const route = { to: TARGET, from: SOURCE };
  let state = beginRound(newLoop([route]));
  for (const round of [0, 1]) {
    for (const daemon of toStart(state)) state = started(state, daemon, daemon.side, round);
    const last = round === 1;
    const statuses = new Map([
      [TARGET, new Map([['receive', last ? receiver : STATES.connected]])],
      [SOURCE, new Map([['send', last ? sender : STATES.connected]])],
    ]);
    state = judge(state, statuses, round, LOCAL_LIMITS).state;
    if (!last) state = beginRound(state);
  }
  expect(outcomes(state)).toEqual([{ ok: false, message }]);
});
