/**
 * Giving a new, empty disk file its size: sparse (a length and no blocks) or with all its blocks
 * reserved, so that the guest can never hit a full file system.
 */
import { access, type FileHandle, statfs } from 'node:fs/promises';
import type { CallLimit } from '../process/limit.js';
import { runProcess } from '../process/run-process.js';
import type { Clock } from '../../ports/clock.js';
import type { ZeroWriter } from './zeros.js';

/**
 * How a new disk file gets its size.
 * @public
 */
export type Allocation = 'sparse' | 'full';

/** What reserving blocks needs. */
export interface AllocationTools {
  readonly clock: Clock;
  readonly zeros: ZeroWriter;
  readonly limit: CallLimit;
  readonly onProgress: (fraction: number) => void;
}

/** Programs that reserve blocks without writing them. */
const FALLOCATE = ['/usr/bin/fallocate', '/bin/fallocate'];

/** Bytes that an ordinary user can still write to the file system of a path. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** One function per way. */
export const ALLOCATE: Record<
  Allocation,
  (file: FileHandle, bytes: number, tools: AllocationTools) => Promise<void>
> = {
  sparse: async (file, bytes) => {
    await file.truncate(bytes);
    await file.sync();
  },
  full: async (file, bytes, tools) => {
    if (!(await reserve(file, bytes, tools))) {
      await tools.zeros.fill(file, { from: 0, bytes }, tools.limit, tools.onProgress);
    }
    await file.sync();
  },
};

/** Node cannot reserve blocks; a helper can, if it is there and the file system lets it. */
async function reserve(
  file: FileHandle,
  bytes: number,
  { clock, limit }: AllocationTools,
): Promise<boolean> {
  for (const program of FALLOCATE) {
    const missing = await access(program).then(
      () => false,
      () => true,
    );
    if (missing) continue;
    const { end } = await runProcess({
      file: program,
      args: ['--length', String(bytes), `/proc/${process.pid}/fd/${file.fd}`],
      env: {},
      cwd: '/',
      signal: limit.signal,
      clock,
    });
    limit.check();
    return end.kind === 'exited' && end.code === 0;
  }
  return false;
}
