/**
 * Which error an operation ends with after its work failed and was undone.
 */
import { Cancelled, ExecError, type Leak, LuError } from './errors.js';

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
