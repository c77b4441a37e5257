/**
 * The comparison behind the conformance runs: what it must see, and what it must let pass.
 */
import { expect, test } from 'vitest';
import { Secret } from '../../../src/model/secret.js';
import { Placeholders } from './placeholders.js';
import { Comparer } from './values.js';

const UUIDS = ['1', '2'].map((digit) => `${digit.repeat(8)}-0000-4000-8000-${digit.repeat(12)}`);
const [ONE, TWO] = UUIDS;
const RULES = {
  '<uuid:1>': { kind: 'uuid' },
  '<uuid:2>': { kind: 'uuid' },
  '<mac:1>': { kind: 'mac', prefix: 'aa:00:00' },
} as const;

function compare(expected: unknown, actual: unknown, set = false): readonly string[] {
  const comparer = new Comparer('f', new Placeholders(RULES), () => set);
  comparer.compare(expected, actual);
  return comparer.differences.map(({ path }) => path);
}

test.each([
  ['values', { a: [1, { b: true }] }, { a: [1, { b: true }] }],
  ['a placeholder', ['<uuid:1>', 'x/<uuid:1>.disk0'], [ONE, `x/${ONE}.disk0`]],
  ['two placeholders', ['<uuid:1>', '<uuid:2>'], [ONE, TWO]],
  ['placeholders as keys', { '<uuid:1>': { n: 1 }, '<uuid:2>': { n: 2 } }, keyed(2, 1)],
  ['any time', { t: '<time>', s: '<serial>' }, { t: 12.5, s: 3 }],
  ['hidden values', { p: { __private__: 'x' } }, { p: new Secret('x') }],
  ['unset fields of objects', { uuid: 'u', name: null }, { uuid: 'u' }],
  ['tags in any order', { tags: ['a', 'b'] }, { tags: ['b', 'a'] }],
])('given the same %s, then nothing is different', (_what, expected, actual) => {
  expect(compare(expected, actual)).toEqual([]);
});

test.each([
  ['another value', { a: [1, 2] }, { a: [1, 3] }, ['a[1]']],
  ['something missing', { a: 1, b: 2 }, { a: 1 }, ['b']],
  ['something more', { a: 1 }, { a: 1, b: false }, ['b']],
  ['a longer list', [1], [1, 2], ['[1]']],
  ['a null too many', { a: null }, {}, ['a']],
  ['one placeholder with two values', ['<uuid:1>', '<uuid:1>'], [ONE, TWO], ['[1]']],
  ['two placeholders with one value', ['<uuid:1>', '<uuid:2>'], [ONE, ONE], ['[1]']],
  ['another prefix', ['<mac:1>'], ['aa:00:01:11:22:33'], ['[0]']],
  ['another type', [1, ''], ['1', null], ['[0]', '[1]']],
])('given %s, then it is told where', (_what, expected, actual, paths) => {
  expect(compare(expected, actual)).toEqual(paths);
});

test('given sets, then order and doubles do not count, but members do', () => {
  expect(compare(['a', 'b', 'b'], ['b', 'a'], true)).toEqual([]);
  expect(compare(['<uuid:1>', 'n'], ['n', ONE], true)).toEqual([]);
  expect(compare(['a', 'b'], ['a', 'c'], true)).toEqual(['']);
});

function keyed(one: number, two: number): Record<string, { readonly n: number }> {
  return Object.fromEntries(UUIDS.map((id, at) => [id, { n: at === 0 ? one : two }]));
}
