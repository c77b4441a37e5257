/**
 * The answer of an allocator program. It is somebody else's program: its answer is input.
 */
import { z } from 'zod';
import { PrereqError, refuse, ResultError } from '../../errors.js';
import { checked, once } from '../wire/check.js';
import { parseJson } from '../wire/json.js';

/**
 * A program's choice: node names, primary first, or the reason why there is none.
 * @public
 */
export type ProgramAnswer =
  | { readonly success: true; readonly nodes: readonly string[]; readonly info: string }
  | { readonly success: false; readonly info: string };

/** A line with the names of two nodes and counts of reasons: a mebibyte is far above any. */
const MAX_LENGTH = 1024 * 1024;

const envelope = once(() =>
  z.looseObject({
    success: z.boolean(),
    info: z.string(),
    result: z.unknown().optional(),
  }),
);

const nodeNames = once(() => z.array(z.string().min(1, 'a node name is wanted')));

/**
 * Reads what a program printed after an `allocate` request: an object with `success`, `info` and
 * `result` (`nodes`, the old spelling, is understood); other keys do not count. On success there
 * are exactly `requiredNodes` names. Throws `PrereqError` `environment_error` if it is no such
 * object, and `ResultError` if the result is not a list of that many names.
 * @public
 */
export function parseAllocatorAnswer(text: string, requiredNodes: number): ProgramAnswer {
  const what = "The allocator's answer";
  const data = parseJson(text, { what, maxLength: MAX_LENGTH }, noAnswer);
  const { success, info, result } = checked(envelope(), modern(data), what, noAnswer);
  if (result === undefined) noAnswer(`${what}: result: is missing`);
  const nodes = checked(nodeNames(), result, `${what}: result`, failResult);
  if (!success) return { success, info };
  if (nodes.length !== requiredNodes) {
    failResult(`${what}: result: ${nodes.length} node(s), but ${requiredNodes} were asked for`);
  }
  return { success, info, nodes };
}

function modern(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || 'result' in data || !('nodes' in data)) {
    return data;
  }
  return { ...data, result: data.nodes };
}

function noAnswer(message: string): never {
  return refuse.environment(message, { about: 'verdict' });
}

function failResult(message: string): never {
  throw new ResultError(`${message}; look at the allocator program`, { about: 'allocator-reply' });
}

/** Most characters that are quoted of a program's last words. */
const MAX_REASON = 400;

/**
 * The error for a program that did not end well; its last words are part of the message.
 */
export function programFailed(name: string, exitCode: number, stderr: string): PrereqError {
  const words = stderr
    .slice(-MAX_REASON)
    .replaceAll(/[^\P{C}]+/gu, ' ')
    .trim();
  const reason = words === '' ? 'no reason given' : words;
  const message = `Allocator ${name} ended with exit code ${exitCode}: ${reason}`;
  return new PrereqError(message, 'environment_error', { about: 'verdict' });
}
