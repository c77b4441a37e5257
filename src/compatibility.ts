/**
 * All switches between Ganeti's behaviour and ours, in one place. Ours is the default wherever
 * Ganeti's leaves something behind or checks too late; `GANETI_COMPATIBILITY` sets them all.
 */
import { GANETI_HOOK_POLICY, type HookPolicy } from './hooks/policy.js';

/**
 * The switches.
 * @public
 */
export interface Compatibility {
  /**
   * What happens to an instance whose OS script or start failed: `rollback` removes it, `keep`
   * leaves it to the operator, as Ganeti does.
   */
  readonly onFailure: 'rollback' | 'keep';
  /** Whether pre hooks run in a dry run, as in Ganeti. */
  readonly hooksInDryRun: boolean;
  /** What happens when hooks fail. */
  readonly hooks: HookPolicy;
}

/**
 * Our behaviour.
 * @public
 */
export const DEFAULT_COMPATIBILITY: Compatibility = {
  onFailure: 'rollback',
  hooksInDryRun: false,
  hooks: GANETI_HOOK_POLICY,
};

/**
 * Ganeti's behaviour, switch by switch.
 * @public
 */
export const GANETI_COMPATIBILITY: Compatibility = {
  onFailure: 'keep',
  hooksInDryRun: true,
  hooks: GANETI_HOOK_POLICY,
};
