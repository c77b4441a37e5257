/**
 * Brings stores and adapters together to a cluster on which operations run: the one call that an
 * embedding program makes first.
 */
import { setMaxListeners } from 'node:events';
import { DEFAULT_COMPATIBILITY, type Compatibility } from './compatibility.js';
import { type ClusterConfig, openConfig } from './config/cluster-config.js';
import type { Host } from './host.js';
import { Journal } from './journal/journal.js';
import type { RecoveredOperation, RecoveryReport } from './journal/recover.js';
import type { UndoRetry } from './journal/unwind.js';
import { MemoryLockManager } from './locks/manager.js';
import type { LogicalUnit, Phases } from './lu-base.js';
import { areShared, throwIfLost } from './fenced/owner-fence.js';
import type { Allocator } from './ports/allocator.js';
import type { Clock, Ids } from './ports/clock.js';
import type { ConfigReader } from './ports/config-store.js';
import type { HookNodes } from './ports/hook-node.js';
import type { Hypervisor } from './ports/hypervisor.js';
import type { JobSubmitter } from './ports/job-submitter.js';
import type { UndoRegistry } from './ports/journal.js';
import type { KvStore } from './ports/kv-store.js';
import type { LockManager } from './ports/lock-manager.js';
import type { NameResolver } from './ports/name-resolver.js';
import type { NodeRpc } from './ports/node-rpc.js';
import { isSharedStore, type SharedStore } from './ports/shared-store.js';
import { DEFAULT_SITE, type Site } from './ports/site.js';
import { Processor, type Preview, type RunOptions } from './processor.js';
import { Recovery } from './recovery.js';
import type { ReportListener } from './reports.js';

/**
 * Makes a part of a cluster that has to know its configuration: node daemons, for example, are
 * called at addresses that stand there. Called once, when the configuration has been opened.
 * @public
 */
export type FromConfig<T> = (config: ConfigReader) => T;

/**
 * What a cluster is opened with.
 * @public
 */
export interface OpenClusterOptions {
  /**
   * Where configuration and journal are kept; it must hold a configuration (`initConfig`). This one
   * value also says how many processes there are: a store for one (`MemoryKvStore`, lmdb), or one
   * that several share, which brings their locks (`SharedStore`).
   */
  readonly store: KvStore | SharedStore;
  /** The nodes. */
  readonly rpc: NodeRpc | FromConfig<NodeRpc>;
  /** The nodes' hooks. */
  readonly hooks: HookNodes | FromConfig<HookNodes>;
  /** Host names. */
  readonly resolver: NameResolver;
  /** Hypervisors that operations may use. */
  readonly hypervisors: readonly Hypervisor[];
  /** Allocators that operations may use. */
  readonly allocators?: readonly Allocator[] | FromConfig<readonly Allocator[]>;
  /** Undo actions: those of the LUs that run here. */
  readonly undoActions: UndoRegistry;
  /** Time. */
  readonly clock: Clock;
  /** Identifiers and randomness. */
  readonly ids: Ids;
  /** Other locks than those of the store; if that has none, they are in this process. */
  readonly locks?: LockManager;
  /** Takes follow-up jobs. */
  readonly submitter?: JobSubmitter;
  /** Whose behaviour where Ganeti's and ours differ; ours if not given. */
  readonly compatibility?: Partial<Compatibility>;
  /**
   * Told of each operation that was finished here because its process is gone; only where several
   * processes share the store.
   */
  readonly onTakenOver?: (operation: RecoveredOperation) => void;
  /** How often undo actions are tried; three times, a second apart, if not given. */
  readonly undoRetry?: UndoRetry;
  /** Told to hooks as the directory of the cluster's data; Ganeti's if not given. */
  readonly dataDir?: string;
  /** Places and secrets that no configuration holds; Ganeti's places if not given. */
  readonly site?: Partial<Site>;
}

/**
 * How to recover.
 * @public
 */
export interface RecoverClusterOptions {
  /** Ends recovery early. */
  readonly signal?: AbortSignal;
  /** Gets what undo actions report. */
  readonly onReport?: ReportListener;
}

/**
 * A cluster on which operations run. Any number of them may run at once. Where several processes
 * share the store, and this one counts as dead, all that runs ends with `LockLost`, and so does all
 * that is begun later: open store and cluster again.
 * @public
 */
export class OpenCluster {
  readonly #host: Host;
  readonly #config: ClusterConfig;
  readonly #processor: Processor;
  readonly #recovery: Recovery;
  readonly #endTakeOver: () => void;

  /** @internal */
  constructor(host: Host, config: ClusterConfig, recovery: Recovery) {
    this.#host = host;
    this.#config = config;
    this.#processor = new Processor(host);
    this.#recovery = recovery;
    this.#endTakeOver = host.locks.takeOver(recovery.takeOver);
  }

  /** The configuration, for reading, and for changes that are no operations. */
  get config(): ClusterConfig {
    return this.#config;
  }

  /** The locks: `explain()` says who holds and who waits. */
  get locks(): LockManager {
    return this.#host.locks;
  }

  /** Carries an operation out; see {@link Processor.run}. */
  run<P extends Phases>(
    lu: LogicalUnit<P>,
    op: P['op'],
    options?: RunOptions<P['plan']>,
  ): Promise<P['result']> {
    return this.#processor.run(lu, op, options);
  }

  /** Shows what an operation would do; see {@link Processor.plan}. */
  plan<P extends Phases>(
    lu: LogicalUnit<P>,
    op: P['op'],
    options?: RunOptions<P['plan']>,
  ): Promise<Preview<P['plan']>> {
    return this.#processor.plan(lu, op, options);
  }

  /**
   * Finishes what operations of an earlier process left when it crashed, and tries again what
   * could not be undone. To be called after opening, before the first operation. Repeating it is
   * harmless. The signal ends recovery early; what is left then stays in the journal.
   *
   * Where several processes share the store, it leaves alone what belongs to operations that have
   * locks: those of living processes, and those of dead ones, which are finished without being
   * asked for. One process recovers at a time. Rejects with `LockLost` if this one is out.
   */
  recover(options: RecoverClusterOptions = {}): Promise<RecoveryReport> {
    return this.#recovery.all(options);
  }

  /**
   * Lets go of the configuration, and takes over nobody's work any more; what was begun is
   * finished. The store stays open.
   */
  async close(): Promise<void> {
    this.#endTakeOver();
    await this.#recovery.close();
    await this.#config.close();
  }
}

/**
 * Opens a cluster. Rejects with `ConfigError` if the store holds no configuration, or a damaged
 * one; with `LockLost` if the store's membership has ended: open the store again, too.
 * @public
 */
export async function openCluster(options: OpenClusterOptions): Promise<OpenCluster> {
  const { store, clock, ids, submitter } = options;
  const locks =
    options.locks ?? (isSharedStore(store) ? store.locks : new MemoryLockManager({ clock }));
  throwIfLost(locks);
  // Each operation that runs listens; that they are many is no leak.
  if (locks.lost !== undefined) setMaxListeners(0, locks.lost);
  const config = await openConfig({ store, clock, ids, follow: areShared(locks) });
  const made = <T extends object>(part: T | FromConfig<T>): T =>
    typeof part === 'function' ? part(config) : part;
  const host: Host = {
    config,
    journal: new Journal({
      store,
      clock,
      registry: options.undoActions,
      ...(options.undoRetry === undefined ? {} : { retry: options.undoRetry }),
    }),
    locks,
    rpc: made(options.rpc),
    hooks: made(options.hooks),
    resolver: options.resolver,
    hypervisors: options.hypervisors,
    allocators: made(options.allocators ?? []),
    clock,
    ids,
    compatibility: { ...DEFAULT_COMPATIBILITY, ...options.compatibility },
    dataDir: options.dataDir ?? '/var/lib/ganeti',
    site: { ...DEFAULT_SITE, ...options.site },
    ...(submitter === undefined ? {} : { submitter }),
  };
  return new OpenCluster(host, config, new Recovery(host, options.onTakenOver ?? (() => {})));
}
