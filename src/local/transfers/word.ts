/**
 * The word by which the two sides of a transfer know each other. It goes before the contents, as in
 * Ganeti: `M=` and the word, inside of the compressed stream.
 *
 * Without encryption a stream that was cut off looks like one that was ended: a process that is
 * killed closes its connections in good order, and so does Node before it resets one. There the
 * word comes once more, as `E=`, after the contents; and from the receiver, when all is safe.
 */
import { timingSafeEqual } from 'node:crypto';
import { Refusal } from '../storage/attempt.js';
import type { Bytes } from '../process/run-fed.js';
import { BrokenOff } from './broken-off.js';

function signOf(word: string): Buffer {
  return Buffer.from(`M=${word}`);
}

/** Contents with the word before them. */
export async function* withWord(bytes: Bytes, word: string | undefined): Bytes {
  if (word !== undefined) yield signOf(word);
  yield* bytes;
}

/**
 * The contents that come after the word. Rejects with `Refusal` if something else comes, or not as
 * much; resolves as soon as the word was there. Without a word everybody is welcome.
 */
export async function afterWord(bytes: Bytes, word: string | undefined): Promise<Bytes> {
  if (word === undefined) return bytes;
  const expected = signOf(word);
  let head = Buffer.alloc(0);
  while (head.length < expected.length) {
    const next = await bytes.next();
    if (next.done === true) throw new Refusal('it ended before it had said the word');
    head = Buffer.concat([head, next.value]);
  }
  if (!timingSafeEqual(head.subarray(0, expected.length), expected)) {
    throw new Refusal('it does not know the word of this transfer');
  }
  return joined(head.subarray(expected.length), bytes);
}

async function* joined(head: Uint8Array, rest: Bytes): Bytes {
  if (head.length > 0) yield head;
  yield* rest;
}

/** What says that all was said. */
export function goodbyeOf(word: string | undefined): Buffer {
  return Buffer.from(`E=${word ?? ''}`);
}

/** Contents with the goodbye after them. */
export async function* withGoodbye(bytes: Bytes, word: string | undefined): Bytes {
  yield* bytes;
  yield goodbyeOf(word);
}

/** The contents before the goodbye. Throws `Refusal` if that does not come. */
export async function* untilGoodbye(bytes: Bytes, word: string | undefined): Bytes {
  const expected = goodbyeOf(word);
  let held = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const all = Buffer.concat([held, chunk]);
    const place = Math.max(0, all.length - expected.length);
    if (place > 0) yield all.subarray(0, place);
    held = all.subarray(place);
  }
  if (!held.equals(expected)) {
    throw new BrokenOff(': its stream has no end');
  }
}
