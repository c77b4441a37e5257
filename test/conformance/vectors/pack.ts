/**
 * Makes the project's compressed copy of a folder of vectors:
 * `npx tsx test/conformance/vectors/pack.ts FOLDER`.
 *
 * Texts that are for humans only, and what is never compared, stay behind.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { PACKED } from './read.js';

/** Fields that no vector of ours has, wherever they stand. */
const LEFT_BEHIND: ReadonlySet<string> = new Set([
  'errorMessage',
  'feedback',
  'note',
  'lockEvents',
]);

/** Packs all `.jsonl` files of a folder. Answers with the size of the copy in bytes. */
export function pack(from: string, to: string = PACKED): number {
  const sizes = linesFiles(from).map((name) => packFile(join(from, name), join(to, `${name}.br`)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function linesFiles(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.jsonl') && statSync(join(folder, name)).isFile());
}

function packFile(from: string, to: string): number {
  const lines = readFileSync(from, 'utf8').split('\n');
  const stripped = lines.filter((line) => line.trim() !== '').map((line) => stripLine(line));
  const text = Buffer.from(`${stripped.join('\n')}\n`, 'utf8');
  const packed = brotliCompressSync(text, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
    },
  });
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, packed);
  return packed.length;
}

function stripLine(line: string): string {
  const data: unknown = JSON.parse(line, function (this: unknown, key: string, value: unknown) {
    // Deleting keeps the order of the other keys; array elements have numbers as keys.
    return LEFT_BEHIND.has(key) && !Array.isArray(this) ? undefined : value;
  });
  return JSON.stringify(data);
}

const [, script, folder] = process.argv;
if (script?.endsWith('pack.ts') === true) {
  if (folder === undefined) throw new Error('Usage: tsx pack.ts FOLDER');
  process.stdout.write(`${pack(folder)} bytes\n`);
}
