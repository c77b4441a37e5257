/**
 * Tasklets: reusable pieces of an operation, with prerequisites and execution of their own
 * (Ganeti's `Tasklet`). An operation that does one thing to several objects is a list of them.
 *
 * K1 All prerequisites are checked before any tasklet works.
 * K2 Tasklets run one after the other, in order; the first failure ends the list.
 * K3 A tasklet gets its own plan and no other; plans are values, as in an LU.
 */
import { ProgrammerError } from './errors.js';
import type { Eventually, ExecContext, PrereqContext } from './lu-base.js';
import { throwIfCancelled } from './lu-helpers.js';

/**
 * One piece of work.
 * @public
 */
export interface Tasklet<Plan, Result> {
  /** Looks whether the piece may proceed, and decides what it needs. */
  checkPrereq(ctx: PrereqContext): Eventually<Plan>;
  /** Does the piece. Before each side effect it says how to take it back. */
  exec(plan: Plan, ctx: ExecContext): Eventually<Result>;
}

/**
 * A list of tasklets of different kinds.
 * @public
 */
export type TaskletList = readonly Tasklet<unknown, unknown>[];

/**
 * The plans of a list of tasklets, in order.
 * @public
 */
export type TaskletPlans<List extends TaskletList> = {
  readonly [K in keyof List]: Awaited<ReturnType<List[K]['checkPrereq']>>;
};

/**
 * The results of a list of tasklets, in order.
 * @public
 */
export type TaskletResults<List extends TaskletList> = {
  readonly [K in keyof List]: Awaited<ReturnType<List[K]['exec']>>;
};

/**
 * Checks the prerequisites of all, in order; for an LU's `checkPrereq`.
 * @public
 */
export async function checkTasklets<const List extends TaskletList>(
  list: List,
  ctx: PrereqContext,
): Promise<TaskletPlans<List>> {
  const plans: unknown[] = [];
  for (const tasklet of list) plans.push(await tasklet.checkPrereq(ctx));
  return ordered<TaskletPlans<List>>(plans);
}

/**
 * Does the work of all, in order; for an LU's `exec`. `plans` is what {@link checkTasklets} gave.
 * Throws `Cancelled` between two of them if the caller gave up.
 * @public
 */
export async function execTasklets<const List extends TaskletList>(
  list: List,
  plans: TaskletPlans<List>,
  ctx: ExecContext,
): Promise<TaskletResults<List>> {
  if (plans.length !== list.length) {
    throw new ProgrammerError(
      `${plans.length} plans for ${list.length} tasklets; pass all of them`,
    );
  }
  const results: unknown[] = [];
  for (const [index, tasklet] of list.entries()) {
    throwIfCancelled(ctx.signal, `piece ${index + 1} of ${list.length}`);
    results.push(await tasklet.exec(plans[index], ctx));
  }
  return ordered<TaskletResults<List>>(results);
}

/** The compiler cannot follow a tuple through a loop; order and number are kept by construction. */
function ordered<Tuple>(values: unknown): Tuple {
  return values as Tuple;
}
