/**
 * Which paths a request may name. Disk paths come from requests and from stored configuration, so
 * both count as hostile: a path is accepted only if it is plain and lies below a directory that
 * the machine's own administrator has listed. This file decides by text alone and touches nothing;
 * `walk.ts` then makes sure that the file system agrees.
 *
 * P1 an accepted path, read segment by segment, stays below its root;
 * P2 nothing below a system directory is accepted, even if its root was listed.
 */
import { refuse } from '../../errors.js';

/**
 * A path below a root, in the form in which it can be walked.
 */
export interface PlacedPath {
  /** Tag. */
  readonly ok: true;
  /** The whole path, as it was given. */
  readonly path: string;
  /** The listed directory that it lies below. */
  readonly root: string;
  /** What such a directory is called. */
  readonly kind: string;
  /** What leads from the root to the path; empty for the root itself. */
  readonly segments: readonly string[];
}

/**
 * A path that is not accepted.
 */
export interface RefusedPath {
  /** Tag. */
  readonly ok: false;
  /** The path, as it was given. */
  readonly path: string;
  /** The root that it pretends to lie below, if it got that far. */
  readonly root?: string;
  /** Why, and what to do. */
  readonly reason: string;
}

const LONGEST_PATH = 4095;
const LONGEST_NAME = 255;

/** Directories of the system: no disk file has any business in them. */
const SYSTEM = /^\/(boot|dev|etc|proc|sys|(usr\/(local\/)?)?(s?bin|lib(32|64|x32|exec)?))(\/|$)/;

/** Directories below which roots may lie, but which are never one. */
const NEVER_A_ROOT = new Set(['/', '/home', '/root', '/usr', '/usr/local', '/var', '/srv', '/tmp']);

/**
 * True if a path is a directory of the operating system, or lies below one.
 */
export function isSystemPath(path: string): boolean {
  return path === '/' || SYSTEM.test(path);
}

/**
 * A list of directories below which paths are accepted.
 */
export class AllowedRoots {
  /** The directories, in plain form. */
  readonly roots: readonly string[];
  readonly #kind: string;

  /**
   * Throws `PrereqError` `wrong_input` for a root that is no plain absolute path, or too much.
   * `kind` is what messages call such a directory.
   */
  constructor(roots: readonly string[], kind: string = 'storage directory') {
    this.roots = roots.map((root) => plainRoot(root, kind));
    this.#kind = kind;
  }

  /**
   * Judges a path. The most special root wins if roots lie below one another.
   */
  place(path: string): PlacedPath | RefusedPath {
    const flaw = flawOf(path);
    if (flaw !== undefined) return { ok: false, path, reason: flaw };
    const root = this.roots
      .filter((candidate) => path === candidate || path.startsWith(`${candidate}/`))
      .reduce<string | undefined>((best, next) => longer(best, next), undefined);
    if (root === undefined) {
      const choice = this.roots.length === 0 ? 'none is configured' : this.roots.join(', ');
      return { ok: false, path, reason: `it has to lie below a ${this.#kind} (${choice})` };
    }
    if (isSystemPath(path)) {
      return { ok: false, path, root, reason: 'it lies in a directory of the operating system' };
    }
    const segments = segmentsOf(path.slice(root.length));
    return { ok: true, path, root, kind: this.#kind, segments };
  }
}

/**
 * True for a name that can stand alone as one file's name: no separator, not hidden, nothing that
 * a terminal or a log would take for something else.
 */
export function isPlainName(name: string): boolean {
  const short = name !== '' && Buffer.byteLength(name) <= LONGEST_NAME;
  return short && !name.startsWith('.') && !/[/\p{Cc}\p{Cs}]/u.test(name);
}

function flawOf(path: string): string | undefined {
  if (/[\p{Cc}\p{Cs}]/u.test(path)) return 'it contains a control character';
  if (!path.startsWith('/')) return 'it is not absolute';
  if (Buffer.byteLength(path) > LONGEST_PATH) return `it is longer than ${LONGEST_PATH} bytes`;
  for (const segment of path.slice(1).split('/')) {
    if (segment === '..' || segment === '.')
      return `it contains '${segment}'; name the place itself`;
    if (segment === '')
      return 'it contains an empty name; write single slashes, and none at the end';
    if (Buffer.byteLength(segment) > LONGEST_NAME)
      return `a name in it exceeds ${LONGEST_NAME} bytes`;
  }
  return undefined;
}

function plainRoot(root: string, kind: string): string {
  const named = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  const plain = root.length > 1 ? root.replace(/\/+$/, '') : root;
  const flaw = plain === '/' ? undefined : flawOf(plain);
  if (flaw !== undefined) return refuse.input(`${named} ${JSON.stringify(root)}: ${flaw}`);
  if (isSystemPath(plain) || NEVER_A_ROOT.has(plain)) {
    refuse.input(`${named} '${root}' belongs to the system; use a directory of its own`);
  }
  return plain;
}

function longer(best: string | undefined, next: string): string {
  return best !== undefined && best.length >= next.length ? best : next;
}

function segmentsOf(rest: string): string[] {
  return rest.split('/').filter((segment) => segment !== '');
}
