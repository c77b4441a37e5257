/**
 * The Logical Unit: what an operation is, phase by phase, and what each phase may touch.
 *
 * U1 A phase's input is the former phase's output, and that is immutable. No phase writes to
 *    `this`: subclasses have readonly fields only.
 * U2 A context adds to the former one and takes nothing away. What changes the world is in
 *    {@link ExecContext} alone.
 * U3 A feature that a subclass does not use costs it no line.
 */
import type { z } from 'zod';
import type { TemporaryShortage } from './errors.js';
import { PrereqError, ProgrammerError } from './errors.js';
import type { HookSpec } from './hooks/spec.js';
import type { LockMode, PlannedLevel } from './locks/level.js';
import type { HeldLocks, LockPlan, LockWant, NarrowableLocks } from './locks/plan.js';
import type { Compatibility } from './compatibility.js';
import type { Allocator } from './ports/allocator.js';
import type { CapacityClaims } from './ports/capacity.js';
import type { Clock } from './ports/clock.js';
import type { ConfigDraft, ConfigReader, Reservations } from './ports/config-store.js';
import type { Hypervisor } from './ports/hypervisor.js';
import type { JobRequest } from './ports/job-submitter.js';
import type { DeferredUndo, UndoEntry, UndoStack } from './ports/journal.js';
import type { NameResolver } from './ports/name-resolver.js';
import type { NodeQueries, NodeRpc } from './ports/node-rpc.js';
import type { Reporter } from './ports/reporter.js';
import type { Site } from './ports/site.js';

/**
 * The five values that an LU computes, in order.
 * @public
 */
export interface Phases {
  /** The request as it came. */
  op: unknown;
  /** The request, understood and checked as far as it can be without locks. */
  args: unknown;
  /** The request with its names looked up. */
  names: unknown;
  /** Everything that `exec` needs; what a dry run shows. */
  plan: unknown;
  /** What the caller gets. */
  result: unknown;
}

/**
 * A value, now or later.
 * @public
 */
export type Eventually<T> = T | Promise<T>;

/**
 * What `checkArguments` may touch: nothing is locked yet.
 * @public
 */
export interface ArgsContext {
  /** The configuration, as it is without locks: it may change. */
  readonly config: ConfigReader;
  /** Where to report to. */
  readonly report: Reporter;
  /** Fires when the caller cancels. */
  readonly signal: AbortSignal;
  /** The operation's id. */
  readonly jobId: string;
  /** Time, for what waits or asks what time it is. */
  readonly clock: Clock;
  /** Where Ganeti's behaviour is wanted instead of ours. */
  readonly compatibility: Compatibility;
  /** What the host says about places and secrets. */
  readonly site: Site;
  /** Looks host names up. */
  readonly resolver: NameResolver;
  /** A hypervisor by name; throws `PrereqError` if the host has none of that name. */
  readonly hypervisor: (name: string) => Hypervisor;
}

/**
 * What `expandNames` may touch.
 * @public
 */
export type NamesContext = ArgsContext;

/**
 * What `declareLocks` may touch. Who chooses nodes before they are locked asks them and claims room
 * on them; what is claimed tells the levels that follow what was chosen.
 * @public
 */
export interface LocksContext extends NamesContext {
  /** Locks of the levels before. */
  readonly locks: HeldLocks;
  /** Questions to nodes. */
  readonly rpc: NodeQueries;
  /** Room on nodes that is claimed until the attempt ends. */
  readonly capacity: CapacityClaims;
  /** An allocator by name; throws `PrereqError` if the host has none of that name. */
  readonly allocator: (name: string) => Allocator;
}

/**
 * What `checkPrereq` may touch. Claims and narrowed locks end with the attempt; nothing else here
 * has an effect.
 * @public
 */
export interface PrereqContext extends LocksContext {
  /** The locks held; they can only shrink. */
  readonly locks: NarrowableLocks;
  /** Claims names, addresses and places until the attempt ends. */
  readonly reserve: Reservations;
}

/**
 * What `exec` may touch.
 * @public
 */
export interface ExecContext extends PrereqContext {
  /** The configuration, now to be changed as well. */
  readonly config: ConfigWriter;
  /** Questions and commands to nodes. */
  readonly rpc: NodeRpc;
  /** How to take back what is done. */
  readonly undo: UndoStack;
}

/**
 * The configuration inside an operation.
 * @public
 */
export interface ConfigWriter extends ConfigReader {
  /**
   * A commit, as in `ConfigStore.commit`. The undo entry, if given, is written down in the same
   * transaction; the answer can discard it again.
   */
  commit(
    why: string,
    recipe: (draft: ConfigDraft) => void,
    undo?: UndoEntry,
  ): Promise<DeferredUndo>;
}

/**
 * Names looked up, and the locks to take.
 * @public
 */
export interface Expanded<Names> {
  /** The next phases' input. */
  readonly names: Names;
  /** What to lock. */
  readonly locks: LockPlan;
}

/**
 * A result that carries follow-up jobs. They are handed to the host's submitter after the work has
 * succeeded; `result` turns their ids into what the caller gets (Ganeti's `ResultWithJobs`).
 * @public
 */
export class WithJobs<Result> {
  /** The jobs, in order. */
  readonly jobs: readonly JobRequest[];
  /** Makes the final result. */
  readonly result: (jobIds: readonly string[]) => Result;

  constructor(jobs: readonly JobRequest[], result: (jobIds: readonly string[]) => Result) {
    this.jobs = jobs;
    this.result = result;
  }
}

/**
 * One kind of operation. Subclass it, give it the record of its phases, and write the phases; the
 * processor runs them in order, holds the locks and undoes what failed.
 * @public
 */
export abstract class LogicalUnit<P extends Phases> {
  /**
   * Never set. It carries the record's type, so that the processor can tell an LU's result from the
   * LU alone.
   */
  declare readonly phases?: P;

  /** The operation's name, in the form `OP_INSTANCE_CREATE`: hooks and journals know it by this. */
  abstract readonly name: string;

  /** How the cluster as a whole is locked: `shared` unless nothing else may run meanwhile. */
  readonly bigLock: LockMode = 'shared';

  /** The operation's hooks; none if not given. */
  readonly hooks?: HookSpec<P['plan'], P['result']>;

  /** Checks what `exec` returns; a mismatch is a `ResultError`. */
  readonly resultSchema?: z.ZodType<P['result']>;

  /** Understands and checks the request, as far as that needs no lock. */
  abstract checkArguments(op: P['op'], ctx: ArgsContext): Eventually<P['args']>;

  /** Looks names up and says what to lock. */
  abstract expandNames(args: P['args'], ctx: NamesContext): Eventually<Expanded<P['names']>>;

  /** Settles a level that `expandNames` deferred, once the levels before it are held. */
  declareLocks(level: PlannedLevel, _names: P['names'], _ctx: LocksContext): Eventually<LockWant> {
    throw new ProgrammerError(
      `${this.name} deferred its ${level} locks; override declareLocks to settle them`,
    );
  }

  /** Looks whether the operation may proceed, and decides everything that `exec` needs. */
  abstract checkPrereq(names: P['names'], ctx: PrereqContext): Eventually<P['plan']>;

  /** Does the work. Before each side effect it says how to take it back. */
  abstract exec(plan: P['plan'], ctx: ExecContext): Eventually<P['result'] | WithJobs<P['result']>>;

  /** Another request to try after a shortage that may be temporary, or `undefined` to give up. */
  prepareRetry(_op: P['op'], _shortage: TemporaryShortage): P['op'] | undefined {
    return undefined;
  }
}

/**
 * Turns a request into arguments by a zod schema. Every problem is named with the path of its field
 * and the rule; throws `PrereqError` `wrong_input`.
 * @public
 */
export function parseOp<T>(schema: z.ZodType<T>, op: unknown): T {
  const parsed = schema.safeParse(op);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => describeIssue(issue));
  throw new PrereqError(`Bad request: ${problems.join('; ')}`, 'wrong_input', {
    cause: parsed.error,
  });
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const where = path === '' ? 'the request' : path;
    return `${where} has no field ${issue.keys.map((key) => `'${key}'`).join(', ')}; remove it`;
  }
  return `${path === '' ? 'the request' : path}: ${issue.message}`;
}
