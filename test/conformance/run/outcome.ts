/**
 * How a run ended: with a result, or with an error as Ganeti would tell it.
 */
import { HooksAborted, LuError } from '../../../src/errors.js';
import { ganetiErrorOf } from '../../../src/ganeti/errors.js';

/** The end of a run. */
export type Outcome =
  | { readonly outcome: 'ok'; readonly result: unknown }
  | {
      readonly outcome: 'error';
      readonly errorClass: string;
      readonly errorCode: string | null;
      readonly hooksFailures?: readonly (readonly string[])[];
      /** For whoever looks into a failure. */
      readonly message: string;
    };

/** Waits for the end. `idOf` finds the node of a name. */
export async function outcomeOf(
  run: () => Promise<unknown>,
  idOf: (name: string) => string,
): Promise<Outcome> {
  try {
    return { outcome: 'ok', result: await run() };
  } catch (error) {
    const failures = failuresOf(error, idOf);
    return {
      outcome: 'error',
      ...ganetiErrorOf(error),
      ...(failures === undefined ? {} : { hooksFailures: failures }),
      message: describe(error),
    };
  }
}

function failuresOf(
  error: unknown,
  idOf: (name: string) => string,
): readonly (readonly string[])[] | undefined {
  if (!(error instanceof HooksAborted) || error.name !== 'HooksAborted') return undefined;
  return error.failures.map(({ node, script, output }) => [idOf(node), script, output]);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` <- ${describe(error.cause)}` : '';
  const where = LuError.is(error) ? '' : ` ${(error.stack ?? '').split('\n')[1]?.trim() ?? ''}`;
  return `${error.name}: ${error.message}${where}${cause}`;
}
