/**
 * What follows once the work is done and durable: follow-up jobs and the check of the result. What
 * goes wrong from here on undoes nothing, and its error says so.
 */
import { HooksAborted, LuError, ProgrammerError, ResultError } from '../errors.js';
import type { Host } from '../host.js';
import { type LogicalUnit, type Phases, WithJobs } from '../lu-base.js';

/** From what `exec` returned to what the caller gets. */
export async function complete<P extends Phases>(
  host: Host,
  lu: LogicalUnit<P>,
  outcome: P['result'] | WithJobs<P['result']>,
): Promise<P['result']> {
  const result = outcome instanceof WithJobs ? await submit(host, lu.name, outcome) : outcome;
  const checked = lu.resultSchema?.safeParse(result);
  if (checked?.success === false) {
    throw new ResultError(
      `${lu.name} is done and stays, but returned what its result schema does not allow: ` +
        checked.error.message,
      { cause: checked.error },
    );
  }
  return result;
}

async function submit<R>(host: Host, opName: string, outcome: WithJobs<R>): Promise<R> {
  if (host.submitter === undefined) {
    throw new ProgrammerError(
      `${opName} is done and stays, but returned follow-up jobs; give the host a submitter`,
    );
  }
  return outcome.result(await host.submitter.submit(outcome.jobs));
}

/** The error for what failed after the work: never one that speaks of undoing. */
export function afterTheWork(error: unknown, opName: string): LuError {
  if (error instanceof HooksAborted || error instanceof ResultError) return error;
  if (LuError.is(error) && error.kind === 'bug') return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new ResultError(`${opName} is done and stays, but afterwards this failed: ${reason}`, {
    cause: error,
  });
}
