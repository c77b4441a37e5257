/**
 * What an error is called in the table of outcomes, and whether it betrays a defect of ours.
 */
import { LuError } from '../../src/errors.js';

/** What came of a case. */
export interface Verdict {
  /** Its line in the table. */
  readonly label: string;
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

/** Causes that are no defect: what the runtime says of damaged text. */
const HARMLESS = /JSON|certificate|PEM|asn1|no start line|header|base64|valid|aborted/i;

/** A crash shows as an untyped error, or as the cause of a typed one. */
export function flawsOfError(error: unknown): readonly string[] {
  if (!LuError.is(error)) return [`untyped: ${shown(error)}`];
  if (error.kind === 'bug' || error.name === 'LockOrderError') return [shown(error)];
  if (error.message.includes('what its result schema does not allow')) return [shown(error)];
  const crash = causesOf(error).find((cause) => isCrash(cause, error));
  return crash === undefined ? [] : [`${error.name} hides ${shown(crash)}`];
}

function isCrash(cause: unknown, about: LuError): boolean {
  if (LuError.is(cause)) return cause.kind === 'bug';
  if (!(cause instanceof Error)) return about.kind === 'exec';
  const isNative = /^(TypeError|RangeError|ReferenceError|SyntaxError)$/.test(cause.name);
  if (isNative) return !HARMLESS.test(cause.message + about.message);
  return about.kind === 'exec' && cause.name !== 'AbortError';
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
