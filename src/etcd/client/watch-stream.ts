/**
 * One watch on one connection: begun on a member that answers in time, ended when the connection
 * ends.
 *
 * S1 The stream is read no faster than its messages are taken; what waits, waits at the server.
 * S2 A member without a leader ends its watches, so nobody listens to one that hears nothing.
 */
import { ConfigError } from '../../errors.js';
import { type Caller, type TokenSource, Unreachable } from './caller.js';
import { type Conversation, type Endpoint, late } from './endpoint.js';
import type { WatchRequest } from './etcd-calls.js';
import type { WatchAnswer } from './messages.js';
import type { Procedure } from './protocol.js';
import { endOf, startOf } from './text.js';
import { isServiceError, judge, refusal } from './verdict.js';

/** What watching needs. */
export interface WatchParts {
  readonly caller: Caller;
  readonly procedure: Procedure;
  readonly tokens: TokenSource;
  /** How long a member may take to begin, milliseconds. */
  readonly attemptMs: number;
}

/** See `EtcdClient.watch`. */
export async function* watchStream(
  parts: WatchParts,
  request: WatchRequest,
  signal: AbortSignal,
): AsyncGenerator<WatchAnswer, void> {
  const { caller, tokens, attemptMs } = parts;
  const { endpoint } = caller;
  if ((await caller.reach(endpoint, attemptMs)) !== true) return caller.passOver(endpoint);
  const first = await reachable(tokens.current());
  if (first === 'nobody') return;
  let { token } = first;
  for (let isRenewed = false; !signal.aborted; isRenewed = true) {
    try {
      yield* listen(parts, converse(parts, endpoint, request, token), signal);
      return;
    } catch (error) {
      if (signal.aborted || caller.closing.aborted) return;
      // A token that ran out is told in the same words as a right that is missing.
      const isOld = wantsToken(error) && !isRenewed;
      const fresh = isOld ? await reachable(tokens.instead(token)) : { token: undefined };
      if (fresh === 'nobody') return;
      if (fresh.token === undefined) return judgeEnd(error, parts, endpoint);
      token = fresh.token;
    }
  }
}

/** A watch waits while there is nobody to give it a token; a wrong password is another matter. */
async function reachable(
  token: Promise<string | undefined>,
): Promise<{ readonly token: string | undefined } | 'nobody'> {
  try {
    return { token: await token };
  } catch (error) {
    if (error instanceof Unreachable) return 'nobody';
    throw error;
  }
}

/** Why the server ended a watch. */
class Ended extends Error {}

function wantsToken(error: unknown): boolean {
  if (error instanceof Ended) return /permission denied|auth token/.test(error.message);
  return isServiceError(error) && judge(error) === 'token';
}

/** Returns where the connection is the matter; throws where every connection would end so. */
function judgeEnd(error: unknown, { caller }: WatchParts, endpoint: Endpoint): void {
  if (error instanceof Ended && wantsToken(error)) {
    throw new ConfigError(
      `etcd does not let this user watch; grant the role read on the prefix (${error.message})`,
      'io',
    );
  }
  if (isServiceError(error)) {
    if (['refused', 'token'].includes(judge(error))) throw refusal(error);
  } else if (!(error instanceof Ended)) throw error;
  caller.passOver(endpoint);
}

function converse(
  { procedure }: WatchParts,
  endpoint: Endpoint,
  { prefix, startRevision }: WatchRequest,
  token: string | undefined,
): Conversation<WatchAnswer> {
  const createRequest = {
    key: startOf(prefix),
    rangeEnd: endOf(prefix),
    startRevision: String(startRevision),
    progressNotify: true,
    fragment: true,
  };
  return endpoint.converse<WatchAnswer>(procedure, { createRequest }, token);
}

/** All messages. The first one, which says that the watch has begun, has to come in time. */
async function* listen(
  { caller, attemptMs }: WatchParts,
  { answers, cancel }: Conversation<WatchAnswer>,
  signal: AbortSignal,
): AsyncGenerator<WatchAnswer, void> {
  signal.addEventListener('abort', cancel, { once: true });
  try {
    let next = caller.within(attemptMs, answers.next(), () => {
      throw late(attemptMs);
    });
    for (;;) {
      const { value, done } = await next;
      if (done === true) throw new Ended('the stream has ended');
      check(value);
      yield value;
      next = answers.next();
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}

function check({ canceled, compactRevision, cancelReason }: WatchAnswer): void {
  if (!canceled) return;
  if (compactRevision === '0') throw new Ended(cancelReason);
  throw new ConfigError(
    `etcd has forgotten the changes up to revision ${compactRevision}; read the keys again`,
    'conflict',
  );
}
