/**
 * Stopping a guest: ask it, give it time, pull the plug, and at last kill its process.
 */
import type { Clock } from '../../ports/clock.js';
import { answered, failed, type Reply } from '../../ports/reply.js';
import type { LocalCall } from '../hypervisors/local-hypervisor.js';
import { CallLimit } from '../process/limit.js';
import type { GuestFiles } from './guest-files.js';
import { type GuestProcess, guestGone, killGuest } from './guest-process.js';
import { QmpConnection } from './qmp.js';

/** The power button is pressed again after this time: some guests miss the first while booting. */
const PRESS_EVERY_MS = 5_000;
/** How long QEMU itself may take for anything. */
const QEMU_MS = 5_000;

/** A guest to be stopped. */
export interface Halt {
  /** The instance's name. */
  readonly name: string;
  /** Its process. */
  readonly guest: GuestProcess;
  /** Its files. */
  readonly files: GuestFiles;
  /** How long the guest may take to shut down by itself, milliseconds. */
  readonly graceMs: number;
  /** Measures it. */
  readonly clock: Clock;
}

/** Stops the guest; its files stay. Aborted, it leaves the guest alone from then on. */
export async function haltGuest(halt: Halt, call: LocalCall): Promise<Reply<void>> {
  if (await shutsDown(halt, call.signal)) return answered(undefined);
  if (call.signal.aborted) {
    return failed(`instance '${halt.name}' was not stopped: the call was cancelled`, 'aborted');
  }
  call.onProgress?.({ fraction: 0.5, message: `pulling the plug of '${halt.name}'` });
  await tell(halt, 'quit', QEMU_MS);
  if (await goneWithin(halt, QEMU_MS)) return answered(undefined);
  await killGuest(halt.guest, halt.files);
  if (await goneWithin(halt, QEMU_MS)) return answered(undefined);
  const { pid } = halt.guest;
  return failed(`instance '${halt.name}' cannot be stopped: process ${pid} survives SIGKILL`);
}

/** True if the guest is gone before its time of grace is. */
async function shutsDown(halt: Halt, signal: AbortSignal): Promise<boolean> {
  const grace = new CallLimit(halt.clock, { signal, timeoutMs: halt.graceMs });
  try {
    while (halt.graceMs > 0 && grace.end === undefined) {
      await tell(halt, 'system_powerdown', QEMU_MS, grace.signal);
      if (await goneWithin(halt, PRESS_EVERY_MS, grace.signal)) return true;
    }
    return false;
  } finally {
    grace.dispose();
  }
}

/** Gives QEMU a command. Whether it obeys shows in whether its process ends. */
async function tell(
  { clock, files }: Halt,
  command: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const limit = { timeoutMs, signal };
  try {
    const qmp = await QmpConnection.open({ path: files.socket, clock, ...limit });
    await qmp.execute(command, {}, limit).finally(() => qmp.close());
  } catch {
    // No connection, no answer or a refusal: the next, harder step follows anyway.
  }
}

async function goneWithin(halt: Halt, limitMs: number, signal?: AbortSignal): Promise<boolean> {
  const limit = new CallLimit(halt.clock, { signal, timeoutMs: limitMs });
  try {
    return await guestGone(halt.guest, halt.files, halt.clock, limit.signal);
  } finally {
    limit.dispose();
  }
}
