/**
 * Compares what came out with what was recorded, path by path.
 *
 * V1 Secrets are compared in clear; the recording marks them `{"__private__": value}`.
 * V2 Where the recording says that order means nothing, lists are sets.
 * V3 Fields of configuration objects that are null count as absent, on both sides.
 */
import { isDeepStrictEqual } from 'node:util';
import { Secret } from '../../../src/model/secret.js';
import { type Difference, type Path, pathText } from './difference.js';
import { Placeholders } from './placeholders.js';

/** Names of lists without order, wherever they stand. */
const SETS: ReadonlySet<string> = new Set(['tags', 'restrict-to-nodes']);

type Dict = Readonly<Record<string, unknown>>;

/** Compares the values of one field. */
export class Comparer {
  readonly #field: string;
  readonly #placeholders: Placeholders;
  readonly #isSet: (path: Path) => boolean;
  readonly #found: Difference[] = [];

  constructor(
    field: string,
    placeholders: Placeholders,
    isSet: (path: Path) => boolean = () => false,
  ) {
    this.#field = field;
    this.#placeholders = placeholders;
    this.#isSet = (path) => isSet(path) || SETS.has(String(path.at(-1)));
  }

  /** All differences so far. */
  get differences(): readonly Difference[] {
    return this.#found;
  }

  /** Compares; true if there is no difference. */
  compare(expected: unknown, actual: unknown, path: Path = []): boolean {
    const before = this.#found.length;
    this.#visit(bare(expected), bare(actual), path);
    return this.#found.length === before;
  }

  /** Compares two lists as sets. */
  compareSets(expected: unknown, actual: unknown, path: Path = []): boolean {
    const isSame =
      Array.isArray(expected) &&
      Array.isArray(actual) &&
      this.#pair(withoutDoubles(expected), withoutDoubles(actual));
    if (!isSame) this.#tell(path, expected, actual);
    return isSame;
  }

  #visit(expected: unknown, actual: unknown, path: Path): void {
    if (typeof expected === 'string' && Placeholders.in(expected)) {
      if (!this.#matchesText(expected, actual)) this.#tell(path, expected, actual);
    } else if (Array.isArray(expected) && Array.isArray(actual)) {
      this.#lists(expected, actual, path);
    } else if (isDict(expected) && isDict(actual)) {
      this.#dicts(expected, actual, path);
    } else if (!Object.is(expected, actual)) {
      this.#tell(path, expected, actual);
    }
  }

  #matchesText(expected: string, actual: unknown): boolean {
    const text = typeof actual === 'number' ? String(actual) : actual;
    return typeof text === 'string' && this.#placeholders.match(expected, text);
  }

  #lists(expected: readonly unknown[], actual: readonly unknown[], path: Path): void {
    if (this.#isSet(path)) {
      this.compareSets(expected, actual, path);
      return;
    }
    const length = Math.max(expected.length, actual.length);
    for (let at = 0; at < length; at++) {
      this.#visit(bare(expected[at]), bare(actual[at]), [...path, at]);
    }
  }

  #dicts(expected: Dict, actual: Dict, path: Path): void {
    const isObject = isConfigObject(expected);
    const wanted = this.#knownKeys(expected, actual);
    const keys = new Set([...wanted.keys(), ...Object.keys(actual)]);
    for (const key of keys) {
      const [mine, theirs] = [bare(wanted.get(key)), bare(actual[key])];
      if (isObject && (mine ?? undefined) === (theirs ?? undefined)) continue;
      if (mine === undefined && theirs === undefined) continue;
      this.#visit(mine, theirs, [...path, key]);
    }
  }

  /** Recorded values by the keys that they have in this run: keys may be placeholders. */
  #knownKeys(expected: Dict, actual: Dict): ReadonlyMap<string, unknown> {
    const keyed = new Map<string, unknown>();
    const open: string[] = [];
    for (const [key, value] of Object.entries(expected)) {
      const known = this.#placeholders.fill(key);
      if (Placeholders.in(known)) open.push(key);
      else keyed.set(known, value);
    }
    for (const key of open) {
      const free = Object.keys(actual).filter((name) => !keyed.has(name));
      const fitting = free.find((name) => this.#fits([key, expected[key]], [name, actual[name]]));
      keyed.set(fitting ?? key, expected[key]);
    }
    return keyed;
  }

  /** One-to-one, whatever the order. */
  #pair(expected: readonly unknown[], actual: readonly unknown[]): boolean {
    if (expected.length !== actual.length) return false;
    const [first, ...others] = expected;
    if (expected.length === 0) return true;
    return actual.some((candidate, at) => {
      const mark = this.#placeholders.mark();
      const isFound = this.#fits(first, candidate) && this.#pair(others, actual.toSpliced(at, 1));
      if (!isFound) this.#placeholders.reset(mark);
      return isFound;
    });
  }

  /** Whether two values are the same; what that tells of placeholders is kept if so. */
  #fits(expected: unknown, actual: unknown): boolean {
    const mark = this.#placeholders.mark();
    const trial = new Comparer(this.#field, this.#placeholders, this.#isSet);
    if (trial.compare(expected, actual)) return true;
    this.#placeholders.reset(mark);
    return false;
  }

  #tell(path: Path, expected: unknown, actual: unknown): void {
    if (isDeepStrictEqual(expected, actual)) return;
    this.#found.push({ field: this.#field, path: pathText(path), expected, actual });
  }
}

function withoutDoubles(list: readonly unknown[]): readonly unknown[] {
  return list.filter((one, at) => list.findIndex((other) => isDeepStrictEqual(one, other)) === at);
}

/** A value without its wrapping. */
export function bare(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (isDict(value) && '__private__' in value) return value['__private__'];
  return value;
}

function isDict(value: unknown): value is Dict {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Instances, disks and cards: what has an identity of its own. */
function isConfigObject(value: Dict): boolean {
  return 'uuid' in value || 'logical_id' in value || 'mac' in value;
}
