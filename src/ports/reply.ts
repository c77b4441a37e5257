/**
 * One node's answer. Failure is a value, so that forgetting to look at it does not type-check.
 */
import type { ErrorSubject, PrereqCode } from '../errors.js';
import { ExecError, PrereqError } from '../errors.js';

/**
 * What a node answered, or why it did not.
 * @public
 */
export type Reply<T> = ReplyOk<T> | ReplyFailed;

/**
 * The node did as it was told.
 * @public
 */
export interface ReplyOk<T> {
  /** Tag. */
  readonly ok: true;
  /** The answer. */
  readonly payload: T;
}

/**
 * How a call failed. `unreachable` and `timeout` leave open whether the node did it. `exists` says
 * that something stands in the way and was not touched: a file where one was to be made, things in
 * a directory that was to be removed. `not_authorised` says that the node did nothing, since it may
 * not: it works elsewhere only, such as below other directories, or does not take orders from us.
 * `fenced` says that the caller's locks have gone to somebody else since, and that nothing was
 * done.
 * @public
 */
export type ReplyFailure =
  | 'offline'
  | 'unreachable'
  | 'timeout'
  | 'not_authorised'
  | 'exists'
  | 'failed'
  | 'aborted'
  | 'fenced';

/**
 * The node refused, failed, or could not be asked.
 * @public
 */
export interface ReplyFailed {
  /** Tag. */
  readonly ok: false;
  /** The kind of failure. */
  readonly failure: ReplyFailure;
  /** The reason, for humans. Names the thing. */
  readonly message: string;
}

/**
 * Answers of several nodes; a node that is missing gave none.
 * @public
 */
export type Replies<K, T> = ReadonlyMap<K, Reply<T>>;

/**
 * A successful answer.
 * @public
 */
export function answered<T>(payload: T): ReplyOk<T> {
  return { ok: true, payload };
}

/**
 * A failed answer.
 * @public
 */
export function failed(message: string, failure: ReplyFailure = 'failed'): ReplyFailed {
  return { ok: false, failure, message };
}

/** The answer of one of several nodes; that of one which gave none is a failure. */
export function replyOf<K, T>(replies: Replies<K, T>, node: K): Reply<T> {
  return replies.get(node) ?? failed('no answer', 'unreachable');
}

/**
 * Ways to insist on success. `doing` begins the message: "Cannot …".
 * @public
 */
export const unwrap: {
  /** The payload, or a {@link PrereqError}. */
  prereq<T>(reply: Reply<T>, doing: string, code?: PrereqCode, about?: ErrorSubject): T;
  /** The payload, or an {@link ExecError}. */
  exec<T>(reply: Reply<T>, doing: string): T;
} = {
  prereq(reply, doing, code = 'environment_error', about = undefined) {
    if (reply.ok) return reply.payload;
    throw new PrereqError(`${doing}: ${reply.message}`, code, about === undefined ? {} : { about });
  },
  exec(reply, doing) {
    if (reply.ok) return reply.payload;
    throw new ExecError(`${doing}: ${reply.message}`);
  },
};
