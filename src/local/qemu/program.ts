/**
 * Where QEMU is. Looked for in fixed directories and not along `PATH`: what runs as root should
 * not depend on the environment that this process happens to have.
 */
import { access, constants, stat } from 'node:fs/promises';

const NAME = 'qemu-system-x86_64';
const DIRECTORIES = ['/usr/bin', '/usr/local/bin', '/usr/libexec', '/opt/homebrew/bin'];

/**
 * The path of `qemu-system-x86_64`; `undefined` if it is not installed. Given a path, that one or
 * none.
 * @public
 */
export async function findQemu(program?: string): Promise<string | undefined> {
  const candidates = program === undefined ? DIRECTORIES.map((dir) => `${dir}/${NAME}`) : [program];
  return firstProgram(candidates);
}

/** The first of the paths at which there is a program. */
export async function firstProgram(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if (await isProgram(path)) return path;
  }
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
