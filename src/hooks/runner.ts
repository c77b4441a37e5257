/**
 * Runs the hooks of one phase: calls the nodes, turns their answers into one report, and decides by
 * policy whether the operation may go on.
 */
import type { HookFailure } from '../errors.js';
import { Cancelled, HooksAborted, HooksFailed } from '../errors.js';
import type { NodeId } from '../model/ids.js';
import type { LockFence } from '../ports/fence.js';
import type { HookNodes, HookScriptResult } from '../ports/hook-node.js';
import type { Reply } from '../ports/reply.js';
import type { HookPolicy } from './policy.js';
import type { HookPhase, HookReport, HookReportRow } from './spec.js';

/**
 * One phase's run.
 * @public
 */
export interface HookRun {
  /** Directory stem. */
  readonly path: string;
  /** The phase. */
  readonly phase: HookPhase;
  /** Where to run; offline nodes are left out already. */
  readonly nodes: readonly NodeId[];
  /** The complete environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Aborts the scripts. */
  readonly signal: AbortSignal;
  /** The right in which they are run, where several processes share the locks. */
  readonly fence?: LockFence;
  /** A node's name. */
  readonly nameOf: (node: NodeId) => string;
}

/**
 * Runs the hooks of one phase on all nodes at once. Throws {@link HooksAborted} where the policy
 * says `fail`, and {@link HooksFailed} if there were nodes to ask before the work and none
 * answered.
 * @public
 */
export async function runHooks(
  door: HookNodes,
  policy: HookPolicy,
  run: HookRun,
): Promise<HookReport> {
  if (run.nodes.length === 0) return [];
  const replies = await door.runHooks(
    run.nodes,
    { path: run.path, phase: run.phase, env: run.env },
    {
      signal: run.signal,
      timeoutMs: policy.timeoutMs,
      ...(run.fence === undefined ? {} : { fence: run.fence }),
    },
  );
  if (run.signal.aborted) {
    throw new Cancelled('Cancelled while hooks ran', { cause: run.signal.reason });
  }
  const rows = run.nodes.flatMap((node) => rowsOf(run.nameOf(node), replies.get(node)));
  const nobody = run.nodes.every((node) => !counts(replies.get(node), policy));
  const failures = rows.filter((row) => reaction(policy, run.phase, row) === 'fail').map(asFailure);
  if (run.phase === 'pre' && nobody) throw new HooksFailed(rows.map(asFailure));
  if (failures.length > 0) throw new HooksAborted(failures, run.phase);
  return rows;
}

function counts(reply: Reply<unknown> | undefined, { failedCallsCount }: HookPolicy): boolean {
  return reply !== undefined && (reply.ok || failedCallsCount);
}

function rowsOf(
  node: string,
  reply: Reply<readonly HookScriptResult[]> | undefined,
): readonly HookReportRow[] {
  if (reply?.ok === true) return reply.payload.map((result) => ({ node, ...result }));
  const status = reply?.failure === 'timeout' ? 'timeout' : 'unreachable';
  return [{ node, script: '', status, output: reply?.message ?? 'no answer' }];
}

function reaction(policy: HookPolicy, phase: HookPhase, row: HookReportRow): 'fail' | 'warn' {
  if (row.status === 'failed') return policy.onFailure[phase];
  if (row.status === 'timeout') return policy.onTimeout[phase];
  if (row.status === 'unreachable') return policy.onUnreachable[phase];
  return 'warn';
}

function asFailure({ node, script, output }: HookReportRow): HookFailure {
  return { node, script, output };
}
