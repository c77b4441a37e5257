/**
 * Which error an operation ends with after its work failed and was undone.
 */
import {
  Cancelled,
  ExecError,
  HooksAborted,
  isLockLost,
  type Leak,
  LockLost,
  LuError,
  messageOf,
} from '../errors.js';

/** The error to throw: a cancelled operation says so, and leaks are always named. */
export function failureOf(
  error: unknown,
  leaked: readonly Leak[],
  signal: AbortSignal,
  opName: string,
): LuError {
  if (signal.aborted) return withLeaks(cancelled(error, opName), leaked);
  if (carriesLeaks(error)) return withLeaks(error, leaked);
  if (LuError.is(error) && leaked.length === 0) return error;
  return withLeaks(unexpected(error, opName), leaked);
}

/** Makes any thrown value one of our errors. */
export function asLuError(error: unknown, opName: string): LuError {
  return LuError.is(error) ? error : unexpected(error, opName);
}

/**
 * The error of an operation that ended because the locks are lost; `undefined` if it ended for
 * another reason. What fails after the work is no such thing: the work is done and durable.
 */
export function lossBehind(
  error: unknown,
  lost: AbortSignal | undefined,
  opName: string,
): LockLost | undefined {
  const isBehind = isLockLost(error) || (lost?.aborted === true && !followsTheWork(error));
  if (!isBehind) return undefined;
  const cause: unknown = isLockLost(error) ? error : lost?.reason;
  const reason = messageOf(cause);
  const advice = lost?.aborted === true ? '; open the cluster again' : '';
  return new LockLost(`${opName} has stopped, and has taken nothing back: ${reason}${advice}`, {
    cause,
  });
}

function followsTheWork(error: unknown): boolean {
  if (!LuError.is(error)) return false;
  return error.kind === 'result' || (error instanceof HooksAborted && error.phase === 'post');
}

/** By kind, not by class: the LU may come with a copy of the package of its own. */
function carriesLeaks(error: unknown): error is ExecError | Cancelled {
  return LuError.is(error) && (error.kind === 'exec' || error.kind === 'cancelled');
}

function cancelled(error: unknown, opName: string): ExecError | Cancelled {
  if (LuError.is(error) && error.kind === 'cancelled' && carriesLeaks(error)) return error;
  return new Cancelled(`${opName} was cancelled; what it had done was undone`, { cause: error });
}

function unexpected(error: unknown, opName: string): ExecError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ExecError(`${opName} failed: ${reason}`, { cause: error });
}

function withLeaks<E extends ExecError | Cancelled>(error: E, leaked: readonly Leak[]): E {
  error.leaked = leaked;
  return error;
}
