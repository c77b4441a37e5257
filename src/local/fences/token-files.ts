/**
 * The largest tokens that this node has seen, kept in a directory: they must survive the process,
 * and be seen by all processes that work on this machine as the same node. Each token is an empty
 * file's name, so that writing one down is one atomic step that takes nothing away from others, and
 * nobody needs a lock for it. Owns the forms of the names, and how few of them are kept.
 *
 * D1 A token is on the disk before `write` resolves.
 * D2 Files that a larger token of the same lock and mode makes pointless go; so do the oldest locks
 *    when there are too many. The largest token among those counts for every lock that is not
 *    known: too strict for some owner that is older than a thousand others, never too lax.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WHOLE_SET } from '../../model/lock.js';
import { type FencedLock, SeenFences } from '../../ports/seen-fences.js';
import { codeOf } from '../paths/errno.js';

/** How many tokens may lie in the directory before the oldest go, and how many stay then. */
const MOST = 2048;
const KEPT = 1024;

/** Digits of a token: all that JavaScript counts exactly, so that names sort as numbers do. */
const DIGITS = 16;

const FLOOR = 'floor';
const FORM = /^([a-z-]+)\.([0-9a-f]{32}|all)\.(shared|exclusive)\.(\d{16})$/;

/** One file. */
interface TokenFile {
  readonly file: string;
  readonly lock: FencedLock;
  readonly token: number;
}

/** What lies in the directory. */
export interface TokenListing {
  readonly seen: SeenFences;
  readonly files: readonly TokenFile[];
  readonly floor: number;
}

/** Locks as the files name them: any text is a file's name of the same, short length. */
export function inFiles(locks: readonly FencedLock[]): readonly FencedLock[] {
  return locks.map((lock) => (lock.name === WHOLE_SET ? lock : { ...lock, name: hash(lock.name) }));
}

/** A directory of tokens. */
export class TokenFiles {
  readonly path: string;

  /** Touches nothing yet. */
  constructor(path: string) {
    this.path = path;
  }

  /** All tokens. Rejects with what the system says. */
  async read(): Promise<TokenListing> {
    const names = await this.#settledNames();
    const found = names.flatMap((name) => fileOf(name) ?? []);
    const isFloor = ({ lock }: TokenFile): boolean => lock.level === FLOOR;
    const floor = Math.max(0, ...found.filter(isFloor).map(({ token }) => token));
    const files = found.filter((file) => !isFloor(file));
    const seen = new SeenFences(floor);
    for (const { lock, token } of files) seen.see(lock, token);
    return { seen, files, floor };
  }

  /** Writes down that a token was seen with these locks. */
  async write(locks: readonly FencedLock[], token: number): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    for (const lock of locks) await this.#touch(nameOf(lock, token));
    await this.#sync();
  }

  /** Removes what is not needed any more. */
  async prune(listing: TokenListing): Promise<void> {
    const { seen } = listing;
    const isOld = ({ lock, token }: TokenFile): boolean =>
      seen.news([lock], token + 1).length === 0;
    const outdated = listing.files.filter(isOld);
    const current = listing.files.filter((file) => !isOld(file));
    const excess = current.length > MOST ? oldest(current, current.length - KEPT) : [];
    const forgotten = Math.max(0, ...excess.map(({ token }) => token));
    if (forgotten > listing.floor) {
      await this.#touch(nameOf({ level: FLOOR, name: WHOLE_SET, mode: 'exclusive' }, forgotten));
      await this.#sync();
    }
    for (const { file } of [...outdated, ...excess])
      await rm(join(this.path, file), { force: true });
  }

  /**
   * The names, read until nothing has changed meanwhile: a listing in which somebody's old file is
   * missing already and his new one still is would hide a token.
   */
  async #settledNames(): Promise<readonly string[]> {
    for (let before = await this.#names(); ; ) {
      const now = await this.#names();
      if (now.length === before.length && now.every((name, at) => name === before[at])) return now;
      before = now;
    }
  }

  async #names(): Promise<readonly string[]> {
    try {
      return (await readdir(this.path)).sort();
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  }

  async #touch(name: string): Promise<void> {
    await (await open(join(this.path, name), 'a', 0o600)).close();
  }

  async #sync(): Promise<void> {
    const directory = await open(this.path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}

/**
 * The files of the locks that were used longest ago. A lock goes in both modes or in none, and
 * locks of whole levels stay: what is not known is judged by one number, which knows of no modes.
 */
function oldest(files: readonly TokenFile[], count: number): readonly TokenFile[] {
  const latest = new Map<string, number>();
  const placeOf = ({ lock }: TokenFile): string => `${lock.level}.${lock.name}`;
  const latestOf = (file: TokenFile): number => latest.get(placeOf(file)) ?? 0;
  for (const file of files) latest.set(placeOf(file), Math.max(latestOf(file), file.token));
  const names = files.filter(({ lock }) => lock.name !== WHOLE_SET);
  const sorted = names.sort((a, b) => latestOf(a) - latestOf(b));
  const last = sorted[count - 1];
  return last === undefined ? sorted : sorted.filter((file) => latestOf(file) <= latestOf(last));
}

function nameOf({ level, name, mode }: FencedLock, token: number): string {
  const place = name === WHOLE_SET ? 'all' : name;
  return `${level}.${place}.${mode}.${String(token).padStart(DIGITS, '0')}`;
}

/** What a file's name says; `undefined` for files of somebody else. */
function fileOf(file: string): TokenFile | undefined {
  const [, level = '', place = '', mode, token] = FORM.exec(file) ?? [];
  if (mode !== 'shared' && mode !== 'exclusive') return undefined;
  const name = place === 'all' ? WHOLE_SET : place;
  return { file, lock: { level, name, mode }, token: Number(token) };
}

function hash(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}
