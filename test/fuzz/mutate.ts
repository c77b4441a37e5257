/**
 * Damage: how values and texts that were good are made bad, as plain data that repeats.
 */
import fc from 'fast-check';

/** One damage to a value. `at` and `to` choose places, whatever their number is. */
export interface Edit {
  readonly how: keyof typeof EDITS;
  readonly at: number;
  readonly to: number;
  readonly value: unknown;
}

type Holder = Record<string, unknown>;

interface Place {
  readonly holder: Holder;
  readonly key: string;
}

/** Values that code is seldom written for. */
export const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1,
  0.5,
  1e308,
  -1e308,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  2 ** 53 - 1,
  '',
  ' ',
  '0',
  '-1',
  '1e9',
  '9'.repeat(400),
  'NaN',
  'None',
  'none',
  'auto',
  'default',
  'true',
  '.',
  '..',
  '/',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '\u0000',
  'a\nb',
  '\u202eabc',
  'ｗｅｂ１',
  '\ud800',
  '👩‍💻',
  'é',
  'İ',
  'x'.repeat(300),
  'x'.repeat(70_000),
  '%(name)s',
  '${x}',
  '$(id)',
  ';',
  '10g',
  '1.5T',
  '1z',
  '0x10',
  [],
  {},
  [[]],
  [null],
  [{}],
  { size: 1 },
  JSON.parse('{"__proto__": {"a": 1}}'),
  JSON.parse('{"constructor": {"prototype": 1}}'),
];

/** An odd value, or any that JSON can hold. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ODD_VALUES) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  { weight: 1, arbitrary: fc.double() },
);

const EDITS = {
  remove: ({ holder, key }: Place) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  },
  // Copies: a later damage must not reach the value that other cases get as well.
  replace: ({ holder, key }: Place, { value }: Edit) => put(holder, key, copyOf(value)),
  swap: (place: Place, _edit: Edit, other: Place) => {
    const mine: unknown = place.holder[place.key];
    put(place.holder, place.key, copyOf(other.holder[other.key]));
    put(other.holder, other.key, copyOf(mine));
  },
  copy: (place: Place, _edit: Edit, other: Place) => {
    put(place.holder, place.key, copyOf(other.holder[other.key]));
  },
  rename: ({ holder, key }: Place, { value }: Edit) => {
    if (Array.isArray(holder)) return;
    const former = holder[key];
    delete holder[key];
    put(holder, String(value).slice(0, 40), former);
  },
  letter: ({ holder, key }: Place, { to }: Edit) => {
    const text = asText(holder[key]);
    const at = to % Math.max(1, text.length);
    put(holder, key, splice(text, at, at + (to % 2), String.fromCodePoint(32 + (to % 95))));
  },
  wrap: ({ holder, key }: Place) => put(holder, key, [holder[key]]),
  text: ({ holder, key }: Place) => put(holder, key, asText(holder[key])),
  repeat: ({ holder, key }: Place, { to }: Edit) => {
    const former = holder[key];
    put(
      holder,
      key,
      Array.from({ length: to % 40 }, () => copyOf(former)),
    );
  },
} as const;

/** Mostly one damage: what has many is refused for the first of them. */
function few<T>(one: fc.Arbitrary<T>, most: number): fc.Arbitrary<readonly T[]> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.array(one, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(one, { maxLength: most }) },
  );
}

/** A number of damages. */
export function edits(maxLength: number): fc.Arbitrary<readonly Edit[]> {
  const names = Object.keys(EDITS) as (keyof typeof EDITS)[];
  const edit = fc.record({
    how: fc.oneof(fc.constantFrom(...names), fc.constantFrom('replace', 'remove', 'letter')),
    at: fc.nat(),
    to: fc.nat(),
    value: anyValue,
  }) as fc.Arbitrary<Edit>;
  return few(edit, maxLength);
}

/** A damaged copy; without damages an equal one. */
export function damaged(value: unknown, damages: readonly Edit[]): unknown {
  const root = { value: copyOf(value) };
  for (const edit of damages) {
    const places = [...placesIn(root)];
    const place = places[edit.at % places.length];
    const other = places[edit.to % places.length];
    if (place !== undefined && other !== undefined) EDITS[edit.how](place, edit, other);
  }
  return root.value;
}

function* placesIn(holder: object, depth = 0): Iterable<Place> {
  if (depth > 20) return;
  for (const [key, value] of Object.entries(holder) as [string, unknown][]) {
    if (depth > 0 || key === 'value') yield { holder: holder as Holder, key };
    if (typeof value === 'object' && value !== null) yield* placesIn(value, depth + 1);
  }
}

function put(holder: Holder, key: string, value: unknown): void {
  if (Array.isArray(holder) && !/^\d+$/.test(key)) return;
  const all = { value, writable: true, enumerable: true, configurable: true };
  Object.defineProperty(holder, key, all);
}

/** A copy of what JSON can hold; own keys such as `__proto__` stay own keys. */
export function copyOf<T>(value: T, depth = 0): T {
  if (typeof value !== 'object' || value === null || depth > 30) return value;
  if (Array.isArray(value)) return value.map((one: unknown) => copyOf(one, depth + 1)) as T;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const copy: Holder = {};
  for (const [key, inner] of Object.entries(value)) put(copy, key, copyOf(inner, depth + 1));
  return copy as T;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** One damage to a text. */
export interface TextEdit {
  readonly how: keyof typeof TEXT_EDITS;
  readonly at: number;
  readonly to: number;
  readonly text: string;
}

const ODD_TEXTS: readonly string[] = [
  ...ODD_VALUES.filter((value) => typeof value === 'string'),
  '\n',
  '\r\n',
  '=',
  ' = ',
  ':',
  '[',
  ']',
  '[instance]',
  '[DEFAULT]\nname = x\n',
  '"',
  '{',
  '}',
  ',',
  '\\',
  '-----BEGIN CERTIFICATE-----',
  '-----END CERTIFICATE-----',
  'X-Ganeti-Signature: a/b',
  '\t',
  '\u00a0',
  '\u2028',
  '-1',
  'é'.repeat(50),
  '['.repeat(5000),
];

const TEXT_EDITS = {
  insert: (text: string, { at, text: more }: TextEdit) => splice(text, at, at, more),
  cut: (text: string, { at, to }: TextEdit) => splice(text, at, at + (to % 12), ''),
  end: (text: string, { at }: TextEdit) => text.slice(0, at),
  replace: (text: string, { at, to, text: more }: TextEdit) =>
    splice(text, at, at + (to % 5), more),
  double: (text: string) => text + text,
  line: (text: string, { at, to }: TextEdit) => lines(text, at, to, (a, b) => [a, b, a]),
  swap: (text: string, { at, to }: TextEdit) => lines(text, at, to, (_a, b) => [b]),
  number: (text: string, { at, text: more }: TextEdit) => {
    const numbers = [...text.matchAll(/\d+/g)];
    const one = numbers[at % Math.max(1, numbers.length)];
    return one === undefined ? text : splice(text, one.index, one.index + one[0].length, more);
  },
  value: (text: string, { at, text: more }: TextEdit) => {
    const all = text.split('\n');
    const index = at % all.length;
    all[index] = (all[index] ?? '').replace(/([=:])[^=:]*$/, `$1 ${more.replaceAll('$', '')}`);
    return all.join('\n');
  },
} as const;

/** Made once: its tables take a while. */
const oddText = fc.oneof(fc.constantFrom(...ODD_TEXTS), fc.string({ unit: 'binary' }));

/** A number of damages to a text. */
export function textEdits(maxLength: number): fc.Arbitrary<readonly TextEdit[]> {
  const names = Object.keys(TEXT_EDITS) as (keyof typeof TEXT_EDITS)[];
  const edit = fc.record({
    how: fc.constantFrom(...names),
    at: fc.nat(),
    to: fc.nat(),
    text: oddText,
  });
  return few(edit, maxLength);
}

/** A damaged text. */
export function damagedText(text: string, damages: readonly TextEdit[]): string {
  return damages.reduce((now, edit) => {
    const at = now.length === 0 ? 0 : edit.at % now.length;
    return TEXT_EDITS[edit.how](now, { ...edit, at }).slice(0, 3 * 1024 * 1024);
  }, text);
}

function splice(text: string, from: number, to: number, more: string): string {
  return text.slice(0, from) + more + text.slice(to);
}

function lines(
  text: string,
  at: number,
  to: number,
  put: (a: string, b: string) => readonly string[],
): string {
  const all = text.split('\n');
  const [first, second] = [all[at % all.length] ?? '', all[to % all.length] ?? ''];
  all.splice(at % all.length, 1, ...put(first, second));
  return all.join('\n');
}
