/**
 * The word by which the two sides of a transfer know each other. It goes before the contents, as in
 * Ganeti: `M=` and the word, inside of the compressed stream.
 */
import { timingSafeEqual } from 'node:crypto';
import { Refusal } from '../storage/attempt.js';
import type { Bytes } from '../process/run-fed.js';

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
