/**
 * What happens when hooks cannot be asked, take too long or fail. Ganeti's answers are the default.
 */
import type { HookPhase } from './spec.js';

/**
 * `fail` ends the operation (before the work) or makes it fail (after it); `warn` reports.
 * @public
 */
export type HookReaction = 'fail' | 'warn';

/**
 * The reactions, per phase.
 * @public
 */
export interface HookPolicy {
  /** A script exited with other than 0. */
  readonly onFailure: Readonly<Record<HookPhase, HookReaction>>;
  /** A node did not answer. Nodes marked offline are not even called. */
  readonly onUnreachable: Readonly<Record<HookPhase, HookReaction>>;
  /** A node's scripts took longer than the time limit. */
  readonly onTimeout: Readonly<Record<HookPhase, HookReaction>>;
  /**
   * Whether a node that could not be asked counts when it is looked whether anybody answered before
   * the work; if `false`, only nodes do that ran their hooks.
   */
  readonly failedCallsCount: boolean;
  /** Time limit for all scripts of one node, milliseconds. There is always one. */
  readonly timeoutMs: number;
}

/**
 * Ours: as Ganeti's, but at least one node must have run its hooks before the work.
 * @public
 */
export const DEFAULT_HOOK_POLICY: HookPolicy = {
  onFailure: { pre: 'fail', post: 'warn' },
  onUnreachable: { pre: 'warn', post: 'warn' },
  onTimeout: { pre: 'warn', post: 'warn' },
  failedCallsCount: false,
  timeoutMs: 15 * 60 * 1000,
};

/**
 * Ganeti's behaviour: a failing pre script refuses, all the rest is a warning; 15 minutes.
 * @public
 */
export const GANETI_HOOK_POLICY: HookPolicy = {
  onFailure: { pre: 'fail', post: 'warn' },
  onUnreachable: { pre: 'warn', post: 'warn' },
  onTimeout: { pre: 'warn', post: 'warn' },
  failedCallsCount: true,
  timeoutMs: 15 * 60 * 1000,
};
