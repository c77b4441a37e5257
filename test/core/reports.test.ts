import { expect, test } from 'vitest';
import { isTemporaryShortage, LuError, PrereqError, TemporaryShortage } from '../../src/errors.js';
import { failureOf } from '../../src/phases/failure.js';
import { type AnyReport, Reports } from '../../src/reports.js';
import { ManualClock } from '../../src/testing/manual-clock.js';

test('P1: given a listener that throws, then neither the operation nor other listeners notice', () => {
  const reports = new Reports(new ManualClock());
  const heard: string[] = [];
  reports.listen(() => {
    throw new Error('onlooker fell over');
  });
  const stop = reports.listen((event) => void heard.push(event.type));
  reports.step('one');
  stop();
  reports.step('two');
  expect(heard).toEqual(['step']);
});

test('given progress, then the time left is estimated from the time it took so far', async () => {
  const clock = new ManualClock();
  const reports = new Reports(clock);
  const events: AnyReport[] = [];
  reports.listen((event) => void events.push(event));
  reports.step('copying');
  reports.progress(0);
  await clock.advance(3000);
  reports.progress(0.25);
  expect(events.slice(1)).toEqual([
    { type: 'progress', message: 'copying', fraction: 0 },
    { type: 'progress', message: 'copying', fraction: 0.25, remainingMs: 9000 },
  ]);
});

test('given a phase that fails, then its end is reported all the same', async () => {
  const reports = new Reports(new ManualClock());
  const events: AnyReport[] = [];
  reports.listen((event) => void events.push(event));
  const failing = reports.phase('exec', () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(events).toMatchObject([{ type: 'phaseStart' }, { type: 'phaseEnd', failed: true }]);
});

/** An error as another copy of the package makes it: same brand, another class. */
class ForeignError extends Error {
  readonly kind: string;
  readonly code: string | undefined;
  leaked: readonly unknown[] = [];
  constructor(kind: string, code?: string) {
    super(`foreign ${kind}`);
    this.kind = kind;
    this.code = code;
    Object.defineProperty(this, Symbol.for('logical-units/error'), { value: true });
  }
  toJSON(): Record<string, unknown> {
    return { kind: this.kind, code: this.code };
  }
}

test('guards know errors of another copy of the package', () => {
  expect(LuError.is(new ForeignError('exec'))).toBe(true);
  expect(LuError.is(new Error('plain'))).toBe(false);
  expect(isTemporaryShortage(new ForeignError('prereq', 'temp_insufficient_resources'))).toBe(true);
  expect(isTemporaryShortage(new TemporaryShortage('no room'))).toBe(true);
  expect(isTemporaryShortage(new PrereqError('no', 'wrong_input'))).toBe(false);
});

test('a failure keeps its own error, with its leaks, whichever copy it comes from', () => {
  const foreign = new ForeignError('exec');
  const leaked = [{ what: 'a disk', reason: 'no answer' }];
  const signal = new AbortController().signal;
  expect(failureOf(foreign, leaked, signal, 'OP_X')).toBe(foreign);
  expect(foreign.leaked).toEqual(leaked);
});
