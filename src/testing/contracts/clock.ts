/**
 * What every clock promises, as tests that its author runs with any test runner. Owns no clock: the
 * fixture brings one, and lets its time pass.
 */
import assert from 'node:assert/strict';
import type { Clock } from '../../ports/clock.js';
import { type Checks, type ContractFixture, declareChecks, type PortContract } from './declare.js';

/**
 * A clock to be tried.
 * @public
 */
export interface ClockFixture extends ContractFixture {
  /** The clock. */
  readonly clock: Clock;
  /** Resolves when that many milliseconds, or more, have passed on the clock. Asked for ≤ 10. */
  pass(ms: number): Promise<void>;
}

/**
 * Declares the tests of the clock port's promises.
 * @public
 */
export function clockContract(contract: PortContract<ClockFixture>): void {
  declareChecks('clock', CHECKS, contract);
}

/** The year 2001 in milliseconds since 1970; in seconds that would be the year 33658. */
const EARLIEST_MS = 1e12;

/** Timers of operating systems round to milliseconds. */
const ROUNDING_MS = 1;

const CHECKS: Checks<ClockFixture> = {
  'should tell the wall-clock time in milliseconds since 1970': ({ clock }) => {
    const now = clock.now();
    assert.ok(now > EARLIEST_MS && now < EARLIEST_MS * 10, `${now} is no such time`);
    return Promise.resolve();
  },

  'should measure how much time has passed, and never jump back': async ({ clock, pass }) => {
    const told = [clock.monotonic(), clock.monotonic()];
    await pass(5);
    told.push(clock.monotonic());
    const [first = 0, second = 0, third = 0] = told;
    assert.ok(second >= first && third >= second + 5, told.join(', '));
  },

  'should tell times of the turn that never jump back, if it tells turns': async (fixture) => {
    const { clock, pass } = fixture;
    const before = Math.trunc(clock.monotonic());
    const first = clock.turn?.();
    if (first === undefined) return;
    assert.ok(first >= before && first <= clock.monotonic(), `${first} is not of this turn`);
    await pass(5);
    const second = clock.turn?.() ?? Number.NaN;
    const told = `${first}, then ${second}`;
    assert.ok(second >= first + 4 && second <= clock.monotonic(), told);
    assert.ok([first, second].every(Number.isInteger), told);
  },

  'should fire a timer once, and not before its time': async ({ clock, pass }) => {
    const startMs = clock.monotonic();
    const fired: number[] = [];
    clock.timer(3, () => fired.push(clock.monotonic() - startMs));
    clock.timer(0, () => fired.push(0));
    assert.deepEqual(
      fired.filter((ms) => ms > 0),
      [],
      'time has not passed yet',
    );
    await pass(10);
    await pass(10);
    const [soon, later = 0] = fired;
    assert.deepEqual([soon, fired.length], [0, 2]);
    assert.ok(later >= 3 - ROUNDING_MS, `fired after ${later} ms`);
  },

  'given a timer that was taken back, then it never fires': async ({ clock, pass }) => {
    let fired = 0;
    const timer = clock.timer(2, () => void (fired += 1));
    timer.cancel();
    timer.cancel();
    await pass(10);
    assert.equal(fired, 0);
  },

  'given a timer that has fired, when taken back, then nothing happens': async (fixture) => {
    const { clock, pass } = fixture;
    let fired = 0;
    const timer = clock.timer(1, () => {
      fired += 1;
      timer.cancel();
    });
    await pass(10);
    timer.cancel();
    await pass(5);
    assert.equal(fired, 1);
  },
};
