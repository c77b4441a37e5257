/**
 * What QEMU itself says of a guest that runs: `running`, `paused`, `prelaunch`, `shutdown` …
 */
import type { Clock } from '../../ports/clock.js';
import type { LimitOptions } from '../process/limit.js';
import type { GuestFiles } from './guest-files.js';
import { asRecord, QmpConnection } from './qmp.js';

/** The guest's status; `undefined` if QEMU is too busy to say. */
export async function guestStatus(
  { socket }: GuestFiles,
  clock: Clock,
  limit: LimitOptions,
): Promise<string | undefined> {
  try {
    const qmp = await QmpConnection.open({ path: socket, clock, ...limit });
    const status = await qmp.execute('query-status', {}, limit).finally(() => qmp.close());
    return String(asRecord(status)?.['status']);
  } catch {
    return undefined;
  }
}
