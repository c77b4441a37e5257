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
  /** Time limit for all scripts of one node, milliseconds. There is always one. */
  readonly timeoutMs: number;
}

/**
 * Ganeti's behaviour: a failing pre script refuses, all the rest is a warning; 15 minutes.
 * @public
 */
export const GANETI_HOOK_POLICY: HookPolicy = {
  onFailure: { pre: 'fail', post: 'warn' },
  onUnreachable: { pre: 'warn', post: 'warn' },
  onTimeout: { pre: 'warn', post: 'warn' },
  timeoutMs: 15 * 60 * 1000,
};
