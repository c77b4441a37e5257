/**
 * Where a guest's files lie. One directory per guest, named after it, and beside them the control
 * sockets: a socket's path may have 107 bytes at most, so its name is a short digest, however long
 * the guest's name is.
 */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Longest path of a Unix socket, bytes (the kernel's 108 with the final zero). */
const LONGEST_SOCKET_PATH = 107;

/** The files of one guest. */
export interface GuestFiles {
  /** The directory with the others in it. */
  readonly dir: string;
  /** QEMU writes its process number here, and holds a lock on it. */
  readonly pid: string;
  /** What the guest writes to its serial port. */
  readonly serial: string;
  /** What QEMU itself has to say. */
  readonly log: string;
  /** The control socket. */
  readonly socket: string;
}

/** The files of the guest of that name. */
export function guestFiles(runDir: string, name: string): GuestFiles {
  const dir = join(runDir, name);
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return {
    dir,
    pid: join(dir, 'pid'),
    serial: join(dir, 'serial.log'),
    log: join(dir, 'qemu.log'),
    socket: join(runDir, `.${digest}.qmp`),
  };
}

/** Why no control socket can be made below this directory; `undefined` if one can. */
export function runDirFlaw(runDir: string): string | undefined {
  const bytes = Buffer.byteLength(guestFiles(runDir, 'x').socket);
  if (bytes <= LONGEST_SOCKET_PATH) return undefined;
  return (
    `run directory '${runDir}' is ${bytes - LONGEST_SOCKET_PATH} bytes too long for the ` +
    'control sockets in it; choose a shorter one'
  );
}

/** Removes whatever is there of a guest that does not run. */
export async function removeGuestFiles(files: GuestFiles): Promise<void> {
  await rm(files.socket, { force: true });
  await rm(files.dir, { recursive: true, force: true });
}
