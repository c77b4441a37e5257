/**
 * What runs guests on this machine. One driver per hypervisor; `LocalNode` picks it by name and
 * does the rest (time limits, answers for other nodes).
 *
 * V1 failures that can be expected are answers, not exceptions; each names the instance;
 * V2 starting what runs and stopping what does not run succeeds;
 * V3 a start that failed leaves no process and no file behind;
 * V4 after a stop no file of the instance is left in the driver's directory.
 */
import type { HypervisorName } from '../../model/hypervisor.js';
import type { Params } from '../../model/params.js';
import type { CallProgress } from '../../ports/call.js';
import type { InstanceStatus } from '../../ports/node-facts.js';
import type { Reply } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';

/**
 * What goes with each call to a driver.
 * @public
 */
export interface LocalCall {
  /** Aborts the call: the driver stops what it started and answers `aborted`. */
  readonly signal: AbortSignal;
  /** Told about the progress of long calls, and about what is not as asked for. */
  readonly onProgress?: (progress: CallProgress) => void;
  /** Told what is worth knowing. */
  readonly onInfo?: (message: string) => void;
}

/**
 * An instance to be stopped.
 * @public
 */
export interface LocalStop {
  /** Its host name. */
  readonly name: string;
  /** All its hypervisor parameters. */
  readonly hvParams: Params;
  /** How long the guest may take to shut down by itself, milliseconds; 0: not at all. */
  readonly graceMs: number;
}

/**
 * A driver for one hypervisor on this machine.
 * @public
 */
export interface LocalHypervisor {
  /** The hypervisor that it drives. */
  readonly name: HypervisorName;
  /**
   * Makes the driver's directories. Throws `PrereqError` `environment_error` naming one that cannot
   * be made or written.
   */
  prepare(): Promise<void>;
  /** Starts an instance; with `paused` it waits at its first instruction. */
  start(
    request: { readonly runtime: RuntimeInstance; readonly paused: boolean },
    call: LocalCall,
  ): Promise<Reply<void>>;
  /** Stops an instance: asks the guest, and after its time of grace pulls the plug. */
  stop(request: LocalStop, call: LocalCall): Promise<Reply<void>>;
  /** The state of an instance that runs; `undefined` if it does not. */
  status(name: string, call: LocalCall): Promise<Reply<InstanceStatus | undefined>>;
  /** Names of the instances that run, in order. */
  list(call: LocalCall): Promise<Reply<readonly string[]>>;
  /** Whether this machine can run an instance with these parameters. */
  validate(params: Params, call: LocalCall): Promise<Reply<void>>;
  /** Memory promised to instances that the machine itself still counts as free, MiB. */
  unseenMemoryMib(): Promise<number>;
}
