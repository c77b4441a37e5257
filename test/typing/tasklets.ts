/**
 * Tasklets keep their own plans and results. Checked by `tsc`.
 */
import type { ExecContext, PrereqContext } from '../../src/lu-base.js';
import { checkTasklets, execTasklets, type Tasklet } from '../../src/tasklet.js';

declare const count: Tasklet<number, string>;
declare const name: Tasklet<string, boolean>;

/** Plans and results come in the order of the list, each of its type. */
export async function ordered(prereq: PrereqContext, exec: ExecContext): Promise<void> {
  const list = [count, name] as const;
  const plans = await checkTasklets(list, prereq);
  const [first, second]: readonly [number, string] = plans;
  const [text, flag]: readonly [string, boolean] = await execTasklets(list, plans, exec);
  void [first, second, text, flag];
  // @ts-expect-error -- plans of another list
  await execTasklets([name, count] as const, plans, exec);
  // @ts-expect-error -- a plan is missing
  await execTasklets(list, [first] as const, exec);
}
