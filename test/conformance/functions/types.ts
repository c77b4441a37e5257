/**
 * How a function of the recording is called here.
 */
import { LuError } from '../../../src/errors.js';

/** Recorded arguments by name; whoever names one knows its shape. */
export class FunctionArgs {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  /** The value, in the shape that it is known to have. */
  get<T>(name: string): T {
    return this.#values[name] as T;
  }

  /** The value; nothing where the recording has null. */
  maybe<T>(name: string): T | undefined {
    return (this.#values[name] ?? undefined) as T | undefined;
  }
}

/** Calls one of our functions; `context` is what else the recorded one saw. */
export type FunctionCall = (args: FunctionArgs, context: FunctionArgs) => unknown;

/** Function names, and what is called for them. */
export type FunctionTable = Readonly<Record<string, FunctionCall>>;

/** A refusal that the recorded function tells by a class of its own. */
export class ToldAs extends Error {
  override readonly name = 'ToldAs';
  readonly errorClass: string;

  constructor(errorClass: string, message: string) {
    super(message);
    this.errorClass = errorClass;
  }
}

/** Refusals of ours under another class: some functions have one that clients never see. */
export function toldAs(errorClass: string, call: FunctionCall): FunctionCall {
  return (args, context) => {
    try {
      return call(args, context);
    } catch (error) {
      throw LuError.is(error) ? new ToldAs(errorClass, error.message) : error;
    }
  };
}
