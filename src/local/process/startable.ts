/**
 * Whether the system can start a file by itself. The C library hands a text without `#!` to a
 * shell, silently; a definition that works here by that accident fails wherever a plain `execve`
 * is used, Ganeti's node daemon among them. So it is refused here, too.
 *
 * The looks are synchronous, as starting the very same file is: nothing is gained by waiting.
 */
import { accessSync, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { codeOf, systemReason } from '../paths/errno.js';

/** Why a program cannot be started; `undefined` if nothing speaks against it. */
export function whyNotStartable(file: string): string | undefined {
  if (!file.startsWith('/')) return `'${file}' is no absolute path`;
  try {
    accessSync(file, constants.X_OK);
    return flawOf(file);
  } catch (error) {
    const reason = systemReason(error);
    if (reason === undefined) throw error;
    return `'${file}': ${reason}`;
  }
}

function flawOf(file: string): string | undefined {
  const { O_NONBLOCK, O_RDONLY } = constants;
  const fd = openIfReadable(file, O_RDONLY | O_NONBLOCK);
  if (fd === undefined) return undefined;
  try {
    if (!fstatSync(fd).isFile()) return `'${file}' is not a file`;
    const head = Buffer.alloc(4);
    readSync(fd, head, 0, 4, 0);
    if (head.subarray(0, 2).toString('latin1') === '#!' || head.equals(ELF)) return undefined;
    return `'${file}' is neither a program nor a script that begins with '#!'`;
  } finally {
    closeSync(fd);
  }
}

/** A program may be executable without being readable; then the system has the last word. */
function openIfReadable(file: string, flags: number): number | undefined {
  try {
    return openSync(file, flags);
  } catch (error) {
    if (codeOf(error) === 'EACCES') return undefined;
    throw error;
  }
}

const ELF = Buffer.from('\x7fELF', 'latin1');
