/**
 * Reads vectors: from a folder of JSON Lines, or from the project's own compressed copy, which has
 * the same files with `.br` behind their names. A file that is missing counts as empty.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import type { ConfigLine, FunctionRow, Vector, VectorSet, WireLine } from './types.js';

/** Where the project keeps its copy. */
export const PACKED: string = fileURLToPath(new URL('../data/', import.meta.url));

/** Names of the files whose lines are runs. */
export const RUN_FILES = ['scenarios', 'unittest', 'fuzz'] as const;

/** All vectors of a folder. */
export function readVectors(folder: string = PACKED): VectorSet {
  const configs = readLines<ConfigLine>(folder, 'configs.jsonl');
  return {
    configs: new Map(configs.map(({ id, config }) => [id, config])),
    scenarios: readLines<Vector>(folder, 'scenarios.jsonl'),
    unittest: readLines<Vector>(folder, 'unittest.jsonl'),
    fuzz: readLines<Vector>(folder, 'fuzz.jsonl'),
    wire: readLines<WireLine>(folder, 'wire.jsonl'),
    functions: functionFiles(folder).flatMap((name) => readLines<FunctionRow>(folder, name)),
  };
}

function functionFiles(folder: string): readonly string[] {
  const below = join(folder, 'functions');
  if (!existsSync(below)) return [];
  const names = readdirSync(below).map((name) => name.replace(/\.br$/, ''));
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .map((name) => join('functions', name));
}

function readLines<T>(folder: string, name: string): readonly T[] {
  const text = readText(join(folder, name));
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as T);
}

function readText(path: string): string {
  if (existsSync(path)) return readFileSync(path, 'utf8');
  const packed = `${path}.br`;
  return existsSync(packed) ? brotliDecompressSync(readFileSync(packed)).toString('utf8') : '';
}
