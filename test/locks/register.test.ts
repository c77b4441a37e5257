/**
 * The map for entries that come and go, against a plain one, and what it keeps of them.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Register } from '../../src/locks/register.js';

test('a register does what a map does', () => {
  const act = fc.tuple(fc.constantFrom('set', 'set', 'delete'), fc.nat(40), fc.nat());
  fc.assert(
    fc.property(fc.array(act, { minLength: 1_500, maxLength: 2_000 }), (acts) => {
      const register = new Register<string, number>();
      const map = new Map<string, number>();
      for (const [act, number, value] of acts) {
        const key = `key-${number}`;
        if (act === 'set') {
          if (map.has(key)) register.replace(key, value);
          else register.add(key, value);
          map.set(key, value);
        } else if (map.delete(key)) register.delete(key);
        if (register.get(key) !== map.get(key)) expect(register.get(key)).toBe(map.get(key));
        if (register.size !== map.size) expect(register.size).toBe(map.size);
      }
      expect(new Set(register.values())).toEqual(new Set(map.values()));
    }),
    { numRuns: 5 },
  );
});

test('a register forgets keys that do not come back', () => {
  const register = new Register<string, number>();
  for (let at = 0; at < 1_000; at++) register.add(`first-${at}`, at);
  for (let at = 10; at < 1_000; at++) register.delete(`first-${at}`);
  for (let at = 0; at < 10_000; at++) {
    register.add(`later-${at}`, at);
    register.delete(`later-${at}`);
    expect(register.kept).toBeLessThan(3_500);
    if (at > 5_000) expect(register.kept).toBeLessThan(200);
  }
  expect([...register.values()]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a register keeps the keys of a crowd that comes again and again', () => {
  const register = new Register<string, number>();
  // Of all sizes, with something in between, so that idle keys are counted at all moments.
  for (let round = 0, kept = 0; round < 400; round++) {
    const crowd = 500 + ((round * 271) % 500);
    for (let at = 0; at < crowd; at++) register.add(`key-${at}`, at);
    for (let at = 0; at < crowd; at++) register.delete(`key-${at}`);
    for (let at = 0; at < (round * 37) % 100; at++) {
      register.add('single', at);
      register.delete('single');
    }
    expect(register.kept).toBeGreaterThanOrEqual(kept);
    kept = register.kept;
  }
});

test('a value may stay while it stands for nothing, and is forgotten in the end', () => {
  interface Lamp {
    isLit: boolean;
  }
  const register = new Register<string, Lamp>({ isIdle: ({ isLit }) => !isLit });
  const lamps = Array.from({ length: 100 }, (): Lamp => ({ isLit: true }));
  for (const [at, lamp] of lamps.entries()) register.add(`lamp-${at}`, lamp);
  for (const lamp of lamps.slice(1)) {
    lamp.isLit = false;
    register.rest();
  }
  expect([...register.values()]).toEqual([lamps[0]]);
  expect([register.size, register.kept]).toEqual([1, 100]);
  expect(register.get('lamp-7')).toBe(lamps[7]);
  Object.assign(lamps[7] ?? {}, { isLit: true });
  register.rise();
  for (let at = 0; at < 1_000; at++) {
    register.add('another', { isLit: true });
    register.delete('another');
  }
  expect(register.kept).toBeLessThan(100);
  expect([register.get('lamp-0'), register.get('lamp-7')]).toEqual([lamps[0], lamps[7]]);
});
