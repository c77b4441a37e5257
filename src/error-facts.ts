/**
 * What errors tell besides their message: codes to branch on, and the facts of what happened.
 */

/**
 * What a client may branch on. The strings are the ones Ganeti sends to its clients
 * (`errors.ECODE_*`).
 * @public
 */
export type PrereqCode =
  | 'resolver_error'
  | 'insufficient_resources'
  | 'temp_insufficient_resources'
  | 'wrong_input'
  | 'wrong_state'
  | 'unknown_entity'
  | 'already_exists'
  | 'resource_not_unique'
  | 'internal_error'
  | 'environment_error';

/**
 * The families of errors, one per question "what happens next?".
 * @public
 */
export type LuErrorKind =
  | 'prereq'
  | 'exec'
  | 'hooks'
  | 'locks'
  | 'cancelled'
  | 'config'
  | 'result'
  | 'bug';

/**
 * What a failure is about, where clients of Ganeti tell it from others of its class:
 *
 * - `parameter-type`: a parameter is unknown or of the wrong type;
 * - `hypervisor-parameters`: values that a hypervisor cannot run with, alone or together;
 * - `nic-parameters`: values that no network card can have;
 * - `tag`: no label;
 * - `allocator-reply`: an allocator's reply that breaks the protocol;
 * - `signature`: something signed that cannot be believed;
 * - `remote`: the other side of a transfer, or a mirror, that does not answer;
 * - `export-file`: a damaged description of an export;
 * - `verdict`: what a node says to parameters that it was asked about;
 * - `unknown-outcome`: a change that may have been made, since its answer was lost;
 * - `unclassified`: Ganeti gives no code for this.
 * @public
 */
export type ErrorSubject =
  | 'parameter-type'
  | 'hypervisor-parameters'
  | 'nic-parameters'
  | 'tag'
  | 'allocator-reply'
  | 'signature'
  | 'remote'
  | 'export-file'
  | 'verdict'
  | 'unknown-outcome'
  | 'unclassified';

/**
 * A side effect that could not be taken back. It stays in the journal, and `recover()` tries again.
 * @public
 */
export interface Leak {
  /** The thing left behind, in words. */
  readonly what: string;
  /** Why taking it back failed. */
  readonly reason: string;
}

/**
 * One hook script's refusal, or a node that failed to run its hooks.
 * @public
 */
export interface HookFailure {
  /** Name of the node. */
  readonly node: string;
  /** Name of the script; empty if the node as a whole failed. */
  readonly script: string;
  /** What the script printed, or why the node could not be asked. */
  readonly output: string;
}

/**
 * Who stands in the way of a lock request.
 * @public
 */
export interface LockBlocker {
  /** The lock that is wanted, as `level/name`. */
  readonly lock: string;
  /** Who holds it, or waits for it with precedence. */
  readonly owner: string;
  /** Since when, in milliseconds of the monotonic clock. */
  readonly sinceMs: number;
}

/**
 * Why the configuration store refused.
 * @public
 */
export type ConfigErrorCode =
  | 'conflict'
  | 'not_unique'
  | 'unknown'
  | 'corrupt'
  | 'in_use'
  | 'closed'
  | 'io';
