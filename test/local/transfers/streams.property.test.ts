/**
 * Streams come in pieces of any size: whatever they are, the contents are the same, and what is cut
 * off is never taken for the whole.
 */
import { PassThrough } from 'node:stream';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Bytes } from '../../../src/local/process/run-fed.js';
import { compressionOf } from '../../../src/local/transfers/compression.js';
import { der, oid, TAG, time, unsigned } from '../../../src/local/transfers/der.js';
import { Meter } from '../../../src/local/transfers/meter.js';
import { RecordTap } from '../../../src/local/transfers/record-tap.js';
import {
  afterWord,
  untilGoodbye,
  withGoodbye,
  withWord,
} from '../../../src/local/transfers/word.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';

const seed = Number(process.env['SEED']);
const RUNS = { seed, numRuns: 200 };
const never = new AbortController().signal;
const TOOLS = { clock: new ManualClock(), marksDir: '/nowhere' };

/** In pieces that begin at these places. */
async function* cut(bytes: Buffer, places: readonly number[]): Bytes {
  const sorted = [...new Set([0, ...places.map((at) => at % (bytes.length + 1)), bytes.length])];
  sorted.sort((a, b) => a - b);
  for (const [n, from] of sorted.entries()) yield bytes.subarray(from, sorted[n + 1]);
}

async function all(bytes: Bytes): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces);
}

const contents = fc.uint8Array({ maxLength: 5000 }).map((bytes) => Buffer.from(bytes));
const places = fc.array(fc.nat(6000), { maxLength: 12 });
const word = fc.option(fc.string({ minLength: 1, maxLength: 40 }), { nil: undefined });
const tool = fc.constantFrom('none', 'gzip', 'gzip-slow');

test('contents arrive as they were sent, however they are cut', async () => {
  const property = fc.asyncProperty(
    contents,
    places,
    word,
    tool,
    async (bytes, at, magic, name) => {
      const { compress, expand } = compressionOf(name, TOOLS);
      const sent = await all(compress(withWord(cut(bytes, at), magic), never));
      const arrived = await afterWord(expand(cut(sent, at), never), magic);
      expect((await all(arrived)).equals(bytes)).toBe(true);
    },
  );
  await fc.assert(property, RUNS);
});

test('what comes without its goodbye is an error, wherever it is cut', async () => {
  const property = fc.asyncProperty(
    contents,
    places,
    word,
    fc.nat(),
    async (bytes, at, magic, n) => {
      const whole = await all(withGoodbye(cut(bytes, at), magic));
      expect((await all(untilGoodbye(cut(whole, at), magic))).equals(bytes)).toBe(true);
      const part = whole.subarray(0, n % whole.length);
      fc.pre(!part.toString('latin1').endsWith(`E=${magic ?? ''}`));
      await expect(all(untilGoodbye(cut(part, at), magic))).rejects.toThrow(/has no end/);
    },
  );
  await fc.assert(property, RUNS);
});

test('another word, or none, is never let in', async () => {
  const words = fc
    .tuple(fc.string({ minLength: 1 }), fc.string())
    .filter(([a, b]) => !b.startsWith(a));
  const property = fc.asyncProperty(contents, places, words, async (bytes, at, [ours, theirs]) => {
    const stranger = afterWord(withWord(cut(bytes, at), theirs), ours);
    // What follows a shorter word might complete it.
    const isOurs = Buffer.from(theirs + bytes.toString('latin1'))
      .toString()
      .startsWith(ours);
    fc.pre(!isOurs);
    await expect(stranger).rejects.toThrow(/word/);
  });
  await fc.assert(property, RUNS);
});

test('a gzip stream that is cut off is an error, wherever it is cut', async () => {
  const property = fc.asyncProperty(contents, fc.nat(), async (bytes, place) => {
    const { compress, expand } = compressionOf('gzip', TOOLS);
    const whole = await all(compress(cut(bytes, []), never));
    const part = whole.subarray(0, place % whole.length);
    await expect(all(expand(cut(part, []), never))).rejects.toThrow(/no gzip stream, or not all/);
  });
  await fc.assert(property, RUNS);
});

const record = fc.record({ type: fc.constantFrom(20, 21, 22, 23), length: fc.nat(300) });

test('the tap knows whether the last record was an alert, however the stream is cut', async () => {
  const property = fc.asyncProperty(
    fc.array(record, { maxLength: 8 }),
    places,
    async (records, at) => {
      const bytes = Buffer.concat(
        records.map(({ type, length }) => {
          const header = Buffer.from([type, 3, 3, length >> 8, length & 0xff]);
          return Buffer.concat([header, Buffer.alloc(length, type)]);
        }),
      );
      const below = new PassThrough();
      const tap = new RecordTap(below as unknown as Socket);
      for await (const piece of cut(bytes, at)) below.write(piece);
      below.end();
      expect((await all(tap.iterator() as Bytes)).equals(bytes)).toBe(true);
      expect(tap.saidGoodbye).toBe(records.at(-1)?.type === 21);
    },
  );
  await fc.assert(property, RUNS);
});

test('an alert that is cut off is no goodbye', async () => {
  const whole = Buffer.from([21, 3, 3, 0, 2, 1, 0]);
  for (let length = 0; length < whole.length; length += 1) {
    const below = new PassThrough();
    const tap = new RecordTap(below as unknown as Socket);
    below.end(whole.subarray(0, length));
    await all(tap.iterator() as Bytes);
    expect(tap.saidGoodbye, String(length)).toBe(false);
  }
});

test('a meter counts every byte, and its per cent only grow', async () => {
  const steps = fc.array(fc.tuple(fc.nat(5000), fc.nat(90_000)), { maxLength: 30 });
  const property = fc.asyncProperty(steps, fc.option(fc.nat(100_000)), async (all, expected) => {
    const clock = new ManualClock();
    const meter = new Meter(clock, expected ?? undefined);
    expect(meter.progress()).toEqual({});
    let shown = 0;
    let sum = 0;
    const pieces = (async function* (): Bytes {
      for (const [size, passMs] of all) {
        yield Buffer.alloc(size);
        await clock.advance(passMs);
      }
    })();
    for await (const piece of meter.counted(pieces)) {
      sum += piece.length;
      const { mib, mibPerS = 0, percent = shown, etaS = 0 } = meter.progress();
      expect(mib).toBe(sum / 2 ** 20);
      expect(percent).toBeGreaterThanOrEqual(shown);
      expect(Math.max(percent, 0)).toBeLessThanOrEqual(100);
      expect(Math.min(mibPerS, etaS)).toBeGreaterThanOrEqual(0);
      shown = percent;
    }
  });
  await fc.assert(property, RUNS);
});

test('should write DER as the standard shows it', () => {
  expect(oid('1.2.840.113549').toString('hex')).toBe('06062a864886f70d');
  expect(unsigned(Buffer.from([0, 0, 0x80])).toString('hex')).toBe('02020080');
  expect(unsigned(Buffer.from([0])).toString('hex')).toBe('020100');
  expect(der(TAG.octetString, Buffer.alloc(300)).subarray(0, 4).toString('hex')).toBe('0482012c');
  expect(time(Date.UTC(2049, 11, 31, 23, 59, 59)).toString('latin1')).toContain('491231235959Z');
  expect(time(Date.UTC(2050, 0, 1)).toString('latin1')).toContain('20500101000000Z');
});
