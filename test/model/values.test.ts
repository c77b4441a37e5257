import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { coerceParam, fill, toSizeMib } from '../../src/model/params.js';
import { Secret } from '../../src/model/secret.js';

test('a secret shows itself nowhere but in reveal', () => {
  const secret = new Secret('canary-4711');
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect(secret, { depth: 9, showHidden: true }),
    inspect({ deep: [secret] }, { depth: 9 }),
    JSON.stringify(Object.entries(secret)),
    new Error(`with ${secret}`).stack ?? '',
  ];
  expect(shown.filter((text) => text.includes('canary'))).toEqual([]);
  expect(JSON.stringify(structuredClone({ secret }))).toBe('{"secret":{}}');
  expect(secret.reveal()).toBe('canary-4711');
});

test.each([
  [512, 512],
  ['512', 512],
  ['256constructor', undefined],
  ['1toString', undefined],
  [`${'9'.repeat(308)}g`, undefined],
  ['9'.repeat(400), undefined],
  ['10g', 10240],
  ['1.5T', 1572864],
  ['3m', 4],
  ['1 GiB', 1024],
  ['', undefined],
  ['ten', undefined],
  ['5x', undefined],
  ['1.2.3', undefined],
  [-1, undefined],
  [1.5, undefined],
  [null, undefined],
])('the size %j is %j MiB', (given, expected) => {
  expect(toSizeMib(given)).toBe(expected);
});

test.each([
  ['bool', 'True', true],
  ['bool', 'false', false],
  ['bool', 'yes', undefined],
  ['bool', 0, false],
  ['int', '7', 7],
  ['int', ' 8 ', 8],
  ['int', '7.5', undefined],
  ['int', 3.9, 3],
  ['int', -0.5, 0],
  ['int', '9'.repeat(400), undefined],
  ['float', '1e999', undefined],
  ['size', '256constructor', undefined],
  ['int', true, 1],
  ['int', false, 0],
  ['int', '', undefined],
  ['int', null, undefined],
  ['int', Number.NaN, undefined],
  ['float', '1e3', 1000],
  ['float', 1.5, 1.5],
  ['float', true, 1],
  ['float', null, undefined],
  ['string', 'x', 'x'],
  ['string', false, ''],
  ['string', 5, undefined],
  ['string', null, undefined],
  ['maybe-string', null, null],
  ['maybe-string', false, ''],
  ['maybe-string', true, undefined],
  ['size', '1g', 1024],
  ['size', 100, 100],
  ['size', 101, 104],
  ['size', 12.7, 16],
  ['size', -4, undefined],
  ['size', true, undefined],
  ['size', null, undefined],
] as const)('as %s, %j is %j', (type, given, expected) => {
  expect(coerceParam(type, given)).toBe(expected);
});

test('later layers win, and what is not given does not count', () => {
  interface Layers {
    a?: number | undefined;
    b?: number | undefined;
  }
  expect(fill<Layers>({ a: 1, b: 1 }, undefined, { a: undefined, b: 2 })).toEqual({ a: 1, b: 2 });
});
