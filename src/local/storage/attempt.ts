/**
 * From exceptions inside the adapter to answers at its door: what can be expected to go wrong
 * becomes a failed reply which says what to do; a defect of ours stays an exception.
 */
import type { Clock } from '../../ports/clock.js';
import type { CallOptions } from '../../ports/call.js';
import { answered, failed, type Reply, type ReplyFailure } from '../../ports/reply.js';
import { codeOf, systemReason } from '../paths/errno.js';
import { UnsafePath } from '../paths/walk.js';
import { CallEnded, CallLimit } from '../process/limit.js';
import { IncompleteWrite } from './zeros.js';

const MIB = 1024 * 1024;

/** What this adapter itself refuses. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** Carries out a command within the call's limits. `doing` begins the message of a failure. */
export async function attempt<T>(
  doing: string,
  { clock, ...call }: CallOptions & { readonly clock: Clock },
  work: (limit: CallLimit) => Promise<T>,
): Promise<Reply<T>> {
  const limit = new CallLimit(clock, call);
  try {
    limit.check();
    return answered(await work(limit));
  } catch (error) {
    if (error instanceof CallEnded) return error.reply(doing);
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    return failed(`${doing}: ${reason}`, kindOf(error));
  } finally {
    limit.dispose();
  }
}

/** For removals: what is not there is removed already. */
export async function missingIsFine(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function kindOf(error: unknown): ReplyFailure {
  if (error instanceof UnsafePath) return 'not_authorised';
  return isInTheWay(error) ? 'exists' : 'failed';
}

/** Said by the system, or by the refusal that puts it in other words. */
function isInTheWay(error: unknown): boolean {
  const code = codeOf(error) ?? (error instanceof Refusal ? codeOf(error.cause) : undefined);
  return code === 'EEXIST' || code === 'ENOTEMPTY' || code === 'EBUSY';
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof Refusal) return error.message;
  if (error instanceof UnsafePath) return error.refused.reason;
  if (!(error instanceof IncompleteWrite)) return systemReason(error);
  const written = Math.floor(error.writtenBytes / MIB);
  return `after ${written} MiB ${systemReason(error.cause) ?? 'writing failed'}`;
}
