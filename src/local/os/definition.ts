/**
 * An OS definition: a directory of scripts and lists that knows how to fill an instance's disks.
 * This file reads one and judges it by the rules of Ganeti's OS interface.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { codeOf, systemReason } from '../paths/errno.js';

/** Versions of the OS interface that are understood here. */
export const OS_API_VERSIONS: readonly number[] = [10, 15, 20];

/** A definition that can be used. */
export interface OsDefinition {
  /** Its name: that of its directory. */
  readonly name: string;
  /** Its directory. */
  readonly path: string;
  /** The versions that it names, in its own order; some may be unknown here. */
  readonly apiVersions: readonly number[];
  /** The highest version that both sides know. */
  readonly apiVersion: number;
  /** Variants, in its own order; the first one is its default. */
  readonly variants: readonly string[];
  /** Parameters that it takes. */
  readonly parameters: readonly (readonly [name: string, description: string])[];
  /** Whether it has a create script that may run on the node itself. */
  readonly trusted: boolean;
}

/** A definition, or why it is none. */
export type OsVerdict =
  | { readonly ok: true; readonly os: OsDefinition }
  | { readonly ok: false; readonly problem: string };

/** What a definition breaks. */
class Flaw extends Error {
  override readonly name = 'Flaw';
}

/** Largest text file of a definition that is read. */
const LARGEST_LIST_BYTES = 1024 * 1024;

/** Reads the definition in a directory. */
export async function readOsDefinition(directory: string): Promise<OsVerdict> {
  try {
    return { ok: true, os: await read(directory) };
  } catch (error) {
    if (error instanceof Flaw) return { ok: false, problem: error.message };
    throw error;
  }
}

async function read(path: string): Promise<OsDefinition> {
  const apiVersions = parseVersions(await listOf(path, 'ganeti_api_version'), path);
  const common = apiVersions.filter((version) => OS_API_VERSIONS.includes(version));
  if (common.length === 0) {
    const known = OS_API_VERSIONS.join(', ');
    throw new Flaw(`'${path}' has API version ${apiVersions.join(', ')}; known here are ${known}`);
  }
  // Which files there must be is decided by what the definition claims, not by what we know.
  const claimed = Math.max(...apiVersions);
  const trusted = await requireScripts(path, claimed);
  return {
    name: basename(path),
    path,
    apiVersions,
    apiVersion: Math.max(...common),
    variants: claimed >= 15 ? parseVariants(await optionalList(path, 'variants.list')) : [],
    parameters: claimed >= 20 ? parseParameters(await listOf(path, 'parameters.list')) : [],
    trusted,
  };
}

/** @returns whether there is a create script for the node itself. */
async function requireScripts(path: string, claimed: number): Promise<boolean> {
  const trusted = await exists(join(path, 'create'));
  if (!trusted && !(await exists(join(path, 'create_untrusted')))) {
    throw new Flaw(`'${path}' has neither 'create' nor 'create_untrusted'; write one of them`);
  }
  const create = trusted ? 'create' : 'create_untrusted';
  const scripts = [create, 'import', 'export', 'rename', ...(claimed >= 20 ? ['verify'] : [])];
  for (const script of scripts) await requireScript(path, script);
  return trusted;
}

async function requireScript(path: string, name: string): Promise<void> {
  const found = await stat(join(path, name)).catch((error: unknown) => {
    throw new Flaw(`'${name}' in '${path}': ${systemReason(error) ?? String(error)}`);
  });
  if (!found.isFile()) throw new Flaw(`'${name}' in '${path}' is no regular file`);
  if ((found.mode & 0o100) === 0) {
    throw new Flaw(`'${name}' in '${path}' is not executable by its owner; run chmod u+x on it`);
  }
}

function parseVersions(lines: readonly string[], path: string): number[] {
  const versions = lines.map((line) => (/^\s*\d{1,9}\s*$/.test(line) ? Number(line) : Number.NaN));
  if (versions.length > 0 && !versions.includes(Number.NaN)) return versions;
  throw new Flaw(`'ganeti_api_version' in '${path}' has to hold one whole number per line`);
}

function parseVariants(lines: readonly string[]): string[] {
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}

function parseParameters(lines: readonly string[]): (readonly [string, string])[] {
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', ...rest] = line.split(/[ \t]+/);
      return [name, rest.length === 0 ? '' : line.slice(name.length).trim()] as const;
    });
}

async function optionalList(path: string, name: string): Promise<string[]> {
  return (await exists(join(path, name))) ? listOf(path, name) : [];
}

/** The lines of a text file of the definition, without an empty one at the end. */
async function listOf(path: string, name: string): Promise<string[]> {
  const file = join(path, name);
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new Flaw(`'${name}' in '${path}' is no regular file`);
    if (found.size > LARGEST_LIST_BYTES) throw new Flaw(`'${name}' in '${path}' exceeds 1 MiB`);
    const text = await readFile(file, 'utf8');
    return text === '' ? [] : text.replace(/\n$/, '').split('\n');
  } catch (error) {
    const reason = systemReason(error);
    throw reason === undefined ? error : new Flaw(`'${name}' in '${path}': ${reason}`);
  }
}

/** Whether something has that name, whatever it is. */
async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => codeOf(error) !== 'ENOENT',
  );
}
