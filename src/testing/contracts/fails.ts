/**
 * How contracts ask for an error: by the code that programs branch on, or by the error's name.
 */
import { LuError } from '../../errors.js';

/** A check for `assert.rejects` and `assert.throws`: an error of ours with this code or name. */
export function fails(codeOrName: string): (error: unknown) => true {
  return (error) => {
    if (LuError.is(error) && codesOf(error).includes(codeOrName)) return true;
    throw new Error(`Expected an error '${codeOrName}', got: ${String(error)}`, { cause: error });
  };
}

function codesOf(error: LuError): readonly unknown[] {
  return [error.name, error.toJSON()['code']];
}
