/**
 * Brings stores and adapters together to a cluster on which operations run: the one call that an
 * embedding program makes first.
 */
import { DEFAULT_COMPATIBILITY, type Compatibility } from './compatibility.js';
import { type ClusterConfig, openConfig } from './config/cluster-config.js';
import type { Host } from './host.js';
import { Journal } from './journal/journal.js';
import type { RecoveryReport } from './journal/recover.js';
import type { UndoRetry } from './journal/unwind.js';
import { MemoryLockManager } from './locks/manager.js';
import type { LogicalUnit, Phases } from './lu-base.js';
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
import { DEFAULT_SITE, type Site } from './ports/site.js';
import { Processor, type Preview, type RunOptions } from './processor.js';
import { type ReportListener, Reports } from './reports.js';

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
  /** Where configuration and journal are kept; it must hold a configuration (`initConfig`). */
  readonly store: KvStore;
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
  /** Locks; in this process if not given. */
  readonly locks?: LockManager;
  /** Takes follow-up jobs. */
  readonly submitter?: JobSubmitter;
  /** Whose behaviour where Ganeti's and ours differ; ours if not given. */
  readonly compatibility?: Partial<Compatibility>;
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
 * A cluster on which operations run. Any number of them may run at once.
 * @public
 */
export class OpenCluster {
  readonly #host: Host;
  readonly #config: ClusterConfig;
  readonly #processor: Processor;

  /** @internal */
  constructor(host: Host, config: ClusterConfig) {
    this.#host = host;
    this.#config = config;
    this.#processor = new Processor(host);
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
   */
  recover(options: RecoverClusterOptions = {}): Promise<RecoveryReport> {
    const report = new Reports(this.#host.clock);
    if (options.onReport !== undefined) report.listen(options.onReport);
    const { rpc, config, journal } = this.#host;
    const signal = options.signal ?? new AbortController().signal;
    return journal.recover({ rpc, config, report, signal });
  }

  /** Lets go of the configuration. The store stays open. */
  close(): Promise<void> {
    return this.#config.close();
  }
}

/**
 * Opens a cluster. Rejects with `ConfigError` if the store holds no configuration, or a damaged
 * one.
 * @public
 */
export async function openCluster(options: OpenClusterOptions): Promise<OpenCluster> {
  const { store, clock, ids, submitter } = options;
  const config = await openConfig({ store, clock, ids });
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
    locks: options.locks ?? new MemoryLockManager({ clock }),
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
  return new OpenCluster(host, config);
}
