/**
 * OS definitions made for tests.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OsDefinitions, type OsDefinitionsOptions } from '../../../src/local/os/os-definitions.js';
import { HandClock } from '../process/hand-clock.js';
import { scratchDirectory, script } from '../process/scratch.js';

/** Files of a definition: text of a list, body of a script, or `null` for none. */
export type Files = Readonly<Record<string, string | null>>;

const LISTS = new Set(['ganeti_api_version', 'variants.list', 'parameters.list']);

const COMPLETE: Files = {
  ganeti_api_version: '20\n15\n10\n',
  'variants.list': '# the usual ones\n\nalpha\n  beta\n',
  'parameters.list': 'dhcp Whether to use dhcp\nroot_size\tSize  in GiB\nmy-param\n',
  create: 'exit 0',
  import: 'exit 0',
  export: 'exit 0',
  rename: 'exit 0',
  verify: 'exit 0',
};

/** Writes a complete definition with changes; resolves with its directory. */
export async function define(base: string, name: string, changes: Files = {}): Promise<string> {
  const directory = join(base, name);
  await mkdir(directory, { recursive: true });
  for (const [file, content] of Object.entries({ ...COMPLETE, ...changes })) {
    if (content === null) continue;
    const path = join(directory, file);
    await (LISTS.has(file) ? writeFile(path, content) : script(path, content));
  }
  return directory;
}

export interface Systems {
  readonly clock: HandClock;
  readonly base: string;
  readonly logDir: string;
  readonly definitions: OsDefinitions;
}

/** A machine with one directory for definitions. */
export async function systems(options: Partial<OsDefinitionsOptions> = {}): Promise<Systems> {
  const directory = await scratchDirectory();
  const clock = new HandClock();
  const base = join(directory, 'os');
  const logDir = join(directory, 'log', 'os');
  await mkdir(base);
  const definitions = new OsDefinitions({ searchPath: [base], logDir, clock, ...options });
  return { clock, base, logDir, definitions };
}
