/**
 * Ganeti as Debian packages it, if it is installed: its own programs judge what this library makes.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PYTHON = '/usr/bin/python3';

/** Why the tests with Ganeti's programs are skipped; `undefined` if they can run. */
export const MISSING: string | undefined = [PYTHON, '/usr/share/ganeti/3.0/ganeti'].every((path) =>
  existsSync(path),
)
  ? undefined
  : 'Ganeti 3.0 is not installed (Debian: ganeti)';

/** Why the tests with daemons are skipped. */
export const NO_DAEMONS: string | undefined =
  MISSING ?? (process.getuid?.() === 0 ? undefined : 'daemons of Ganeti want to be root');

/** Where Ganeti's daemons are. */
export const SBIN = '/usr/lib/ganeti/3.0/usr/sbin';

/** What a program has printed. */
export interface Said {
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that has failed is an error with all it said. */
export function run(
  file: string,
  args: readonly string[],
  { input = '', env = {} }: { readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Said> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, timeout: 60_000, maxBuffer: 2 ** 26 };
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else reject(new Error(`${file} has failed: ${error.message}\n${stdout}${stderr}`));
    });
    child.stdin?.end(input);
  });
}

/** What one of the scripts beside this file prints; they use Ganeti's own modules. */
export async function python(
  script: string,
  args: readonly string[],
  options: Parameters<typeof run>[2] = {},
): Promise<string> {
  const file = fileURLToPath(new URL(`python/${script}.py`, import.meta.url));
  return (await run(PYTHON, [file, ...args], options)).stdout;
}

/** A directory for one piece of work. */
export async function inScratch<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'real-'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
