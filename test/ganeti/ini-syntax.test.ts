/**
 * The dialect of export files is Python's: the fixture holds texts and what CPython's own
 * `configparser` makes of them (nothing, if it refuses).
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LuError } from '../../src/errors.js';
import { type IniSections, parseIni } from '../../src/ganeti/export/ini-syntax.js';
import { formatIni } from '../../src/ganeti/export/ini-write.js';
import { readLines } from './captures.js';

interface Case {
  readonly text: string;
  readonly sections: readonly (readonly [string, readonly (readonly [string, string])[]])[] | null;
}

const plain = (sections: IniSections): unknown =>
  [...sections].map(([name, keys]) => [name, [...keys]]);

test('given texts of all kinds, then they are read as Python reads them', () => {
  const cases = readLines<Case>('ini-dialect.jsonl.gz');
  const read = cases.map(({ text }) => {
    try {
      return { text, sections: plain(parseIni(text)) };
    } catch (error) {
      return { text, sections: error instanceof LuError ? null : String(error) };
    }
  });
  expect(cases.length).toBe(600);
  expect(read).toEqual(cases);
});

test.each([
  ['a = 1', /line 1: a \[section\] has to come first/],
  ['[a]\nword', /line 2: neither/],
  ['[a]\n[a]', /line 2: section \[a\] comes twice/],
  ['[a]\nx=1\nX=2', /line 3: key x comes twice/],
  ['[a]\nx=50%', /\[a\] x: a percent sign/],
  ['[a]\nx=%(y)s\ny=1', /\[a\] x: a percent sign/],
  ['[a]\n__proto__=1', /line 2: a key may not be called/],
  ['[a]\nConstructor=1', /line 2: a key may not be called/],
  ['[__proto__]', /line 1: a section may not be called/],
])('should name line and rule when %j cannot be read', (text, message) => {
  expect(() => parseIni(text)).toThrow(
    expect.objectContaining({
      code: 'environment_error',
      message: expect.stringMatching(message) as string,
    }) as Error,
  );
});

test('should read a long file in time that grows with its length only', () => {
  const blanks = `[a]\nx = 1${' '.repeat(400_000)}2\ny = ${'%%'.repeat(200_000)}\n`;
  expect(parseIni(blanks).get('a')?.get('y')).toBe('%'.repeat(200_000));
  expect(() => parseIni('x'.repeat(1024 * 1024 + 1))).toThrow(/at most/);
});

test.each([
  ['a key with a capital', 'a', 'Key', 'v'],
  ['a key with a separator', 'a', 'k=v', 'v'],
  ['a key like a comment', 'a', '#k', 'v'],
  ['a key like a section', 'a', '[k]', 'v'],
  ['no key', 'a', '', 'v'],
  ['a value with blanks before it', 'a', 'k', ' v'],
  ['a value with blanks after it', 'a', 'k', 'v\n'],
  ['a value with a line like a comment', 'a', 'k', 'v\n#w'],
  ['a section of defaults', 'DEFAULT', 'k', 'v'],
  ['a section without name', '', 'k', 'v'],
  ['a section in two lines', 'a\nb', 'k', 'v'],
  ['a trap', 'a', '__proto__', 'v'],
])('should refuse to write %s', (_what, section, key, value) => {
  const sections = new Map([
    [
      section,
      new Map([
        ['fine', '1'],
        [key, value],
      ]),
    ],
  ]);
  expect(() => formatIni(sections)).toThrow(
    expect.objectContaining({ code: 'wrong_input' }) as Error,
  );
});

test('should not quote a value that cannot be written', () => {
  const sections = new Map([['os_private', new Map([['password', ' hunter2']])]]);
  expect(() => formatIni(sections)).toThrow(/\[os_private\] "password"/);
  expect(() => formatIni(sections)).not.toThrow(/hunter2/);
});

test('should read what it has written, or refuse to write it', () => {
  const name = fc.oneof(fc.constantFrom('a', 'k', 'x y', 'nic0_mac'), fc.string());
  const value = fc.oneof(
    fc.string(),
    fc.array(fc.string(), { maxLength: 4 }).map((l) => l.join('\n')),
  );
  const section = fc.array(fc.tuple(name, value), { maxLength: 4 });
  const file = fc.array(fc.tuple(name, section), { maxLength: 3 });
  fc.assert(
    fc.property(file, (entries) => {
      const sections = new Map(entries.map(([key, values]) => [key, new Map(values)]));
      let text: string;
      try {
        text = formatIni(sections);
      } catch (error) {
        expect(error).toMatchObject({ code: 'wrong_input' });
        return;
      }
      expect(plain(parseIni(text))).toEqual(plain(sections));
    }),
    { numRuns: 1000 },
  );
});
