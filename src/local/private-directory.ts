/**
 * Directories that belong to this library alone: run files, logs, sockets. Made readable by their
 * owner only, and tried out before anything depends on them.
 */
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { refuse } from '../errors.js';
import { codeOf, systemReason } from './paths/errno.js';

/**
 * Makes a directory, and those on the way to it, with mode 0700; one that exists stays as it is.
 * Throws `PrereqError` `environment_error` naming it if it cannot be made or written.
 */
export async function makePrivateDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await access(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = codeOf(error) === 'EEXIST' ? 'a file lies there' : systemReason(error);
    if (reason === undefined) throw error;
    refuse.environment(`Directory '${path}' cannot be used: ${reason}`, { cause: error });
  }
}
