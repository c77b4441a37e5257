/**
 * How long Ganeti's daemons let one attempt at an operation wait for locks. They give up and begin
 * anew several times, each time more patiently, so that no operation keeps some locks for ever
 * while it waits for others; the attempt after the last of these waits without limit.
 */

/** The first attempt waits that long, and none waits shorter, seconds (`LOCK_ATTEMPTS_MINWAIT`). */
const SHORTEST_S = 5;

/** No attempt waits longer, seconds (`LOCK_ATTEMPTS_MAXWAIT`). */
const LONGEST_S = 75;

/** All attempts together wait at least that long, seconds (`LOCK_ATTEMPTS_TIMEOUT`). */
const TOGETHER_S = 1800;

/**
 * The time limits of the attempts, seconds, in order. Each is 5 % longer than the former and that
 * to the power of 1.25, within bounds.
 * @public
 */
export function lockAttemptTimeoutsS(): readonly number[] {
  const limits: number[] = [];
  let limit = SHORTEST_S;
  for (let together = 0; together < TOGETHER_S; together += limits.at(-1) ?? 0) {
    limits.push(limit);
    limit = nextAfter(limit);
  }
  return limits;
}

function nextAfter(limit: number): number {
  return Math.min(LONGEST_S, Math.max(SHORTEST_S, (limit * 1.05) ** 1.25));
}
