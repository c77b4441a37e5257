/**
 * What an error is called in the table of outcomes, and whether it betrays a defect of ours.
 */
import { LuError } from '../../src/errors.js';
import type { Stage } from './stage.js';

/** What came of a case. */
export interface Verdict {
  /** Its line in the table. */
  readonly label: string;
  /** How far it came. */
  readonly stage: Stage;
  /** What the work was about, if it began: mode, template, hypervisor. */
  readonly traits?: readonly string[];
  /** What must not be. */
  readonly flaws: readonly string[];
}

/** Class, code and subject of an error. */
export function errorLabel(error: unknown, when: string): string {
  if (!LuError.is(error)) return `${when}: untyped`;
  const { code } = error.toJSON();
  const parts = [error.name, typeof code === 'string' ? code : '', error.about ?? ''];
  return `${when}: ${parts.filter((part) => part !== '').join(' ')}`;
}

/** A crash shows as an untyped error, or as the cause of a typed one. */
export function flawsOfError(error: unknown): readonly string[] {
  if (!LuError.is(error)) return [`untyped: ${shown(error)}`];
  if (error.kind === 'bug' || error.name === 'LockOrderError') return [shown(error)];
  if (error.message.includes('what its result schema does not allow')) return [shown(error)];
  const crash = causesOf(error).find((cause) => isCrash(cause, error));
  const hidden = crash === undefined ? [] : [`${error.name} hides ${shown(crash)}`];
  return [...hidden, ...(error.message === '' ? ['it says nothing'] : []), ...unwritable(error)];
}

/**
 * Causes that are no defect: the caller's own reason for giving up, and what the runtime says of
 * damaged text and certificates, if somebody has made a refusal of it. Everything else that is not
 * ours has slipped through; so has what nobody expected, which comes out as failed work.
 */
function isCrash(cause: unknown, about: LuError): boolean {
  if (LuError.is(cause)) return cause.kind === 'bug';
  if (!(cause instanceof Error)) return true;
  if (cause.name === 'AbortError') return false;
  if (about.kind === 'exec') return true;
  if (cause.name === 'ZodError') return false;
  if (cause instanceof SyntaxError) return !/JSON/.test(cause.message);
  return !('code' in cause && /^ERR_OSSL/.test(String(cause.code)));
}

function unwritable(error: LuError): readonly string[] {
  try {
    JSON.stringify(error);
    return [];
  } catch (problem) {
    return [`it cannot be written down: ${shown(problem)}`];
  }
}

function causesOf(error: Error): readonly unknown[] {
  const causes: unknown[] = [];
  for (let next = error.cause; next !== undefined && causes.length < 20; ) {
    causes.push(next);
    next = next instanceof Error ? next.cause : undefined;
  }
  return causes;
}

/** All that is known of what was thrown. */
export function shown(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
