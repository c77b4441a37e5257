/**
 * The frame around every call to a node: it ends in time, and what can be expected to go wrong is
 * an answer. A question is simply no longer waited for; a command is told to stop and waited for,
 * since its caller has to know that nothing goes on behind its back.
 */
import { PrereqError } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { CallOptions } from '../ports/call.js';
import { failed, type Reply } from '../ports/reply.js';
import { systemReason } from './paths/errno.js';
import { type CallEnd, CallEnded, CallLimit } from './process/limit.js';

/** A call and its limits. */
export interface BoundedCall extends CallOptions {
  /** Measures the time. */
  readonly clock: Clock;
  /** Begins the message of a failure. */
  readonly doing: string;
  /** A question changes nothing, so it may be left behind. */
  readonly kind: 'question' | 'command';
}

/** Does the work within the call's limits. */
export async function bounded<T>(
  call: BoundedCall,
  work: (signal: AbortSignal) => Promise<Reply<T>>,
): Promise<Reply<T>> {
  const limit = new CallLimit(call.clock, call);
  try {
    limit.check();
    const working = work(limit.signal);
    const reply = await (call.kind === 'command' ? working : orEnd(working, limit));
    const stopped = !reply.ok && reply.failure === 'aborted' && limit.end !== undefined;
    return stopped ? endedBy(limit.end, call.doing, reply.message) : reply;
  } catch (error) {
    const reply = expected(call.doing, error);
    if (reply === undefined) throw error;
    return reply;
  } finally {
    limit.dispose();
  }
}

/** Says who ended the call, and keeps what the work itself had to say, such as where its log is. */
function endedBy(end: CallEnd, doing: string, words: string): Reply<never> {
  const reply = new CallEnded(end).reply(doing);
  return { ...reply, message: `${reply.message}; ${words}` };
}

async function orEnd<T>(working: Promise<T>, limit: CallLimit): Promise<T> {
  const ended = new Promise<never>((_resolve, reject) => {
    limit.signal.addEventListener('abort', () => reject(new CallEnded(limit.end ?? 'aborted')), {
      once: true,
    });
  });
  return Promise.race([working, ended]);
}

function expected(doing: string, error: unknown): Reply<never> | undefined {
  if (error instanceof CallEnded) return error.reply(doing);
  const reason = error instanceof PrereqError ? error.message : systemReason(error);
  return reason === undefined ? undefined : failed(`${doing}: ${reason}`);
}
