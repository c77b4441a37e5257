/**
 * The error hierarchy. The class of an error says what happens next; its facts are fields, so that
 * nobody has to read a message by program. Guards compare a brand, not a prototype: they also work
 * when two copies of this package live in one process.
 */
import type {
  ConfigErrorCode,
  ErrorSubject,
  HookFailure,
  Leak,
  LockBlocker,
  LuErrorKind,
  PrereqCode,
} from './error-facts.js';

export type {
  ConfigErrorCode,
  ErrorSubject,
  HookFailure,
  Leak,
  LockBlocker,
  LuErrorKind,
  PrereqCode,
};

/**
 * What goes with an error besides its message.
 * @public
 */
export interface LuErrorOptions extends ErrorOptions {
  /** What it is about, where that is more than its class and code say. */
  readonly about?: ErrorSubject;
}

const BRAND = Symbol.for('logical-units/error');

/**
 * Root of all errors which this library throws on purpose.
 * @public
 */
export abstract class LuError extends Error {
  /** The family: decides what a caller does next. */
  abstract readonly kind: LuErrorKind;
  /** What it is about, where that is more than its class and code say. */
  readonly about?: ErrorSubject;

  constructor(message: string, options?: LuErrorOptions) {
    super(message, options);
    if (options?.about !== undefined) this.about = options.about;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** True for errors of this library, whichever copy of the package made them. */
  static is(error: unknown): error is LuError {
    return error instanceof Error && BRAND in error;
  }

  /** Plain data for logs and clients; never holds a stack or a secret. */
  toJSON(): Record<string, unknown> {
    return { name: this.name, kind: this.kind, message: this.message };
  }
}

/**
 * The request cannot be carried out; nothing has been changed. Fix the request or the cluster and
 * try again.
 * @public
 */
export class PrereqError extends LuError {
  override readonly name: string = 'PrereqError';
  readonly kind = 'prereq';
  /** Why, in a form for programs. */
  readonly code: PrereqCode;

  constructor(message: string, code: PrereqCode, options?: LuErrorOptions) {
    super(message, options);
    this.code = code;
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), code: this.code };
  }
}

/**
 * There is not enough now, but another attempt with more locks might find enough:
 * the only error that `LogicalUnit.prepareRetry` gets to see.
 * @public
 */
export class TemporaryShortage extends PrereqError {
  override readonly name = 'TemporaryShortage';
  constructor(message: string, options?: LuErrorOptions) {
    super(message, 'temp_insufficient_resources', options);
  }
}

/**
 * True for a {@link TemporaryShortage}, whichever copy of the package made it.
 * @public
 */
export function isTemporaryShortage(error: unknown): error is TemporaryShortage {
  return LuError.is(error) && error.toJSON()['code'] === 'temp_insufficient_resources';
}

/**
 * The work itself failed. What had been done was undone, but for what `leaked` names.
 * @public
 */
export class ExecError extends LuError {
  override readonly name: string = 'ExecError';
  readonly kind = 'exec';
  /** What undo could not take back; empty in the normal case. */
  leaked: readonly Leak[] = [];

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), leaked: this.leaked };
  }
}

/**
 * Hooks refused. Before the work nothing was changed; after it (which only a strict hook policy
 * makes an error) the work is done and stays.
 * @public
 */
export class HooksAborted extends LuError {
  override readonly name: string = 'HooksAborted';
  readonly kind = 'hooks';
  /** Whether the work had been done. */
  readonly phase: 'pre' | 'post';
  /** Who refused, and with which words. */
  readonly failures: readonly HookFailure[];

  constructor(failures: readonly HookFailure[], phase: 'pre' | 'post' = 'pre') {
    super(`${HOOK_WORDS[phase]} (${failures.map(refusal).join('; ')})`);
    this.phase = phase;
    this.failures = failures;
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), phase: this.phase, failures: this.failures };
  }
}

const HOOK_WORDS = {
  pre: 'Stopped by hooks before anything was changed',
  post: 'The work is done and stays, but hooks failed after it',
};

function refusal({ node, script, output }: HookFailure): string {
  return `${script === '' ? 'hooks' : script} on ${node}: ${output}`;
}

/**
 * Not one node answered when the pre hooks were to run.
 * @public
 */
export class HooksFailed extends HooksAborted {
  override readonly name = 'HooksFailed';
}

/**
 * Locks were asked for in an order that could deadlock. Always a defect of the caller.
 * @public
 */
export class LockOrderError extends LuError {
  override readonly name = 'LockOrderError';
  readonly kind = 'locks';
}

/**
 * Locks were not to be had in the time given. Nothing was changed.
 * @public
 */
export class LockTimeout extends LuError {
  override readonly name = 'LockTimeout';
  readonly kind = 'locks';
  /** Who stood in the way when time was up. */
  readonly blockers: readonly LockBlocker[];

  constructor(message: string, blockers: readonly LockBlocker[], options?: LuErrorOptions) {
    super(message, options);
    this.blockers = blockers;
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), blockers: this.blockers };
  }
}

/**
 * This process no longer counts as alive among those that share the locks: it was cut off or asleep
 * for too long. It has stopped, and has taken nothing back; another process does, from the journal.
 * Open the cluster again to go on.
 * @public
 */
export class LockLost extends LuError {
  override readonly name = 'LockLost';
  readonly kind = 'locks';
}

/**
 * True for a {@link LockLost}, whichever copy of the package made it.
 * @public
 */
export function isLockLost(error: unknown): error is LockLost {
  return LuError.is(error) && error.name === 'LockLost';
}

/**
 * The caller's `AbortSignal` fired. What had been done was undone, but for what `leaked` names.
 * @public
 */
export class Cancelled extends LuError {
  override readonly name = 'Cancelled';
  readonly kind = 'cancelled';
  /** What undo could not take back; empty in the normal case. */
  leaked: readonly Leak[] = [];

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), leaked: this.leaked };
  }
}

/**
 * The configuration store refused or failed. A refused commit changed nothing.
 * @public
 */
export class ConfigError extends LuError {
  override readonly name = 'ConfigError';
  readonly kind = 'config';
  /** Why, in a form for programs. */
  readonly code: ConfigErrorCode;

  constructor(message: string, code: ConfigErrorCode, options?: LuErrorOptions) {
    super(message, options);
    this.code = code;
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), code: this.code };
  }
}

/**
 * The work is done and stays, but what follows it failed: the result is not what its schema allows,
 * follow-up jobs could not be submitted, or the LU's own code around post hooks threw.
 * @public
 */
export class ResultError extends LuError {
  override readonly name = 'ResultError';
  readonly kind = 'result';
}

/**
 * A rule of this library was broken by calling code. Not meant to be caught.
 * @public
 */
export class ProgrammerError extends LuError {
  override readonly name = 'ProgrammerError';
  readonly kind = 'bug';
}

/**
 * Short forms for the refusals that occur most.
 * @public
 */
export const refuse: {
  /** The request itself is wrong. */
  input(message: string, options?: LuErrorOptions): never;
  /** The cluster is not in the state that the request needs. */
  state(message: string, options?: LuErrorOptions): never;
  /** Something that the request names does not exist. */
  unknown(message: string, options?: LuErrorOptions): never;
  /** Something that the request would make exists already. */
  exists(message: string, options?: LuErrorOptions): never;
  /** An address or name is taken by something else. */
  notUnique(message: string, options?: LuErrorOptions): never;
  /** There is not enough memory, disk, addresses … */
  resources(message: string, options?: LuErrorOptions): never;
  /** A node or program that is needed did not answer as it should. */
  environment(message: string, options?: LuErrorOptions): never;
} = {
  input: (message, options) => fail(message, 'wrong_input', options),
  state: (message, options) => fail(message, 'wrong_state', options),
  unknown: (message, options) => fail(message, 'unknown_entity', options),
  exists: (message, options) => fail(message, 'already_exists', options),
  notUnique: (message, options) => fail(message, 'resource_not_unique', options),
  resources: (message, options) => fail(message, 'insufficient_resources', options),
  environment: (message, options) => fail(message, 'environment_error', options),
};

function fail(message: string, code: PrereqCode, options?: LuErrorOptions): never {
  throw new PrereqError(message, code, options);
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
