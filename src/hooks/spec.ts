/**
 * What an LU says about its hooks. A spec is data and pure functions; running scripts is the
 * runner's work.
 */
import type { NodeId } from '../model/ids.js';
import type { ConfigReader } from '../ports/config-store.js';

/**
 * A hook phase.
 * @public
 */
export type HookPhase = 'pre' | 'post';

/**
 * What an operation is about, in Ganeti's words (`HTYPE_*`).
 * @public
 */
export type HookObjectType = 'CLUSTER' | 'GROUP' | 'NODE' | 'INSTANCE' | 'NETWORK';

/**
 * Variables without prefix. Values become text the way Ganeti's scripts expect it (`True`,
 * `False`, `None`); `undefined` leaves a variable out.
 * @public
 */
export type HookEnv = Readonly<Record<string, string | number | boolean | null | undefined>>;

/**
 * What the environment is built from. In the post phase the configuration is that after the work.
 * @public
 */
export type HookView<Plan, Result> =
  | { readonly phase: 'pre'; readonly plan: Plan; readonly config: ConfigReader }
  | {
      readonly phase: 'post';
      readonly plan: Plan;
      readonly result: Result;
      readonly config: ConfigReader;
    };

/**
 * What came of the scripts of one phase, one row per script and per node that failed as a whole.
 * @public
 */
export type HookReport = readonly HookReportRow[];

/**
 * One row of a report.
 * @public
 */
export interface HookReportRow {
  /** Name of the node. */
  readonly node: string;
  /** Name of the script; empty if the node as a whole could not be asked. */
  readonly script: string;
  /** What came of it. `unreachable` and `timeout` are of nodes, the others of scripts. */
  readonly status: 'ok' | 'failed' | 'skipped' | 'unreachable' | 'timeout';
  /** What was printed, or why the node could not be asked. */
  readonly output: string;
}

/**
 * An LU's hooks.
 * @public
 */
export interface HookSpec<Plan, Result> {
  /** Directory stem, such as `instance-add`. */
  readonly path: string;
  /** What the operation is about. */
  readonly objectType: HookObjectType;
  /** The operation's own variables. Must not hold secrets. */
  env(view: HookView<Plan, Result>): HookEnv;
  /** Where the scripts run. An empty list means no call at all. */
  nodes(plan: Plan, config: ConfigReader): HookNodeLists;
  /**
   * The post phase's nodes when they are known after the work only (Ganeti's
   * `PreparePostHookNodes`). Gets the list that `nodes` gave.
   */
  postNodes?(nodes: readonly NodeId[], plan: Plan, result: Result): readonly NodeId[];
  /** Told what the pre scripts said, when none refused (Ganeti's `HooksCallBack`). */
  onPre?(report: HookReport, plan: Plan): void;
  /** Told what the post scripts said; returns the result, changed or not. */
  onPost?(report: HookReport, result: Result): Result;
}

/**
 * The nodes of both phases.
 * @public
 */
export interface HookNodeLists {
  /** Before the work. */
  readonly pre: readonly NodeId[];
  /** After the work. */
  readonly post: readonly NodeId[];
}
