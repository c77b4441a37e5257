/**
 * What an operation runs on: the adapters and stores that a control plane brings together. Plain
 * data; nothing here decides anything.
 */
import type { Compatibility } from './compatibility.js';
import type { Journal } from './journal/journal.js';
import type { Allocator } from './ports/allocator.js';
import type { Clock, Ids } from './ports/clock.js';
import type { ConfigStore } from './ports/config-store.js';
import type { HookNodes } from './ports/hook-node.js';
import type { Hypervisor } from './ports/hypervisor.js';
import type { JobSubmitter } from './ports/job-submitter.js';
import type { LockManager } from './ports/lock-manager.js';
import type { NameResolver } from './ports/name-resolver.js';
import type { NodeRpc } from './ports/node-rpc.js';
import type { Site } from './ports/site.js';

/**
 * Adapters and stores.
 * @public
 */
export interface Host {
  /** The configuration. */
  readonly config: ConfigStore;
  /** The journal of undo entries, on the same store as the configuration. */
  readonly journal: Journal;
  /** The locks. */
  readonly locks: LockManager;
  /** The nodes. */
  readonly rpc: NodeRpc;
  /** The nodes' hooks. */
  readonly hooks: HookNodes;
  /** Host names. */
  readonly resolver: NameResolver;
  /** Hypervisors by name. */
  readonly hypervisors: readonly Hypervisor[];
  /** Allocators by name. */
  readonly allocators: readonly Allocator[];
  /** Time. */
  readonly clock: Clock;
  /** Identifiers and randomness. */
  readonly ids: Ids;
  /** Takes follow-up jobs; without one, an LU that returns some fails. */
  readonly submitter?: JobSubmitter;
  /** Whose behaviour where Ganeti's and ours differ. */
  readonly compatibility: Compatibility;
  /** Told to hooks as the directory of the cluster's data. */
  readonly dataDir: string;
  /** Places and secrets that no configuration holds. */
  readonly site: Site;
}
