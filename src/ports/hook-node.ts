/**
 * Running hook scripts on nodes: the hooks' own narrow door to a node.
 */
import type { NodeId } from '../model/ids.js';
import type { CallOptions } from './call.js';
import type { Replies } from './reply.js';

/**
 * What came of one script.
 * @public
 */
export interface HookScriptResult {
  /** The script's name, without directory. */
  readonly script: string;
  /** `skipped`: present, but not runnable. */
  readonly status: 'ok' | 'failed' | 'skipped';
  /** What it printed (output, then errors), trimmed. */
  readonly output: string;
}

/**
 * Runs the scripts of one phase on nodes.
 * @public
 */
export interface HookNodes {
  /** Whether the adapter itself answers for nodes that are marked offline; see `NodeRpc`. */
  readonly seesOffline?: true;
  /**
   * Runs `PATH-PHASE.d` on each of the nodes, in parallel; on a node the scripts run in the
   * order of their names, with exactly the given environment. After a script failed the others of
   * that node still run. A node without the directory answers with an empty list.
   */
  runHooks(
    nodes: readonly NodeId[],
    request: {
      readonly path: string;
      readonly phase: 'pre' | 'post';
      readonly env: Readonly<Record<string, string>>;
    },
    call?: CallOptions,
  ): Promise<Replies<NodeId, readonly HookScriptResult[]>>;
}
