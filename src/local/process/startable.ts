/**
 * Whether the system can start a file by itself. The C library hands a text without `#!` to a
 * shell, silently; a definition that works here by that accident fails wherever a plain `execve`
 * is used, Ganeti's node daemon among them. So it is refused here, too.
 */
import { access, constants, open, stat } from 'node:fs/promises';
import { systemReason } from '../paths/errno.js';

/** Why a program cannot be started; `undefined` if nothing speaks against it. */
export async function whyNotStartable(file: string): Promise<string | undefined> {
  if (!file.startsWith('/')) return `'${file}' is no absolute path`;
  try {
    if (!(await stat(file)).isFile()) return `'${file}' is not a file`;
    await access(file, constants.X_OK);
    return (await hasKnownFormat(file))
      ? undefined
      : `'${file}' is neither a program nor a script that begins with '#!'`;
  } catch (error) {
    const reason = systemReason(error);
    if (reason === undefined) throw error;
    return `'${file}': ${reason}`;
  }
}

async function hasKnownFormat(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, 2).toString('latin1') === '#!' || buffer.equals(ELF);
  } finally {
    await file.close();
  }
}

const ELF = Buffer.from('\x7fELF', 'latin1');
