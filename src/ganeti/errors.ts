/**
 * How Ganeti would tell an error: the class that its clients see, and the code that goes with it.
 *
 * E1 What an error is about decides where its class alone does not.
 * E2 An error that is none of ours is a crash, which Ganeti tells without code.
 */
import { type ErrorSubject, LuError } from '../errors.js';

/**
 * An error as Ganeti tells it.
 * @public
 */
export interface GanetiError {
  /** Name of the class in Ganeti's `errors` module. */
  readonly errorClass: string;
  /** The code, if this error has one. */
  readonly errorCode: string | null;
}

/** Classes that say it all: they carry no code. */
const BY_SUBJECT: Readonly<Partial<Record<ErrorSubject, string>>> = {
  'parameter-type': 'TypeEnforcementError',
  'hypervisor-parameters': 'HypervisorError',
  'nic-parameters': 'ConfigurationError',
  tag: 'TagError',
  'allocator-reply': 'ResultValidationError',
  signature: 'GenericError',
  remote: 'RemoteError',
  verdict: 'OpExecError',
  unclassified: 'OpPrereqError',
};

/** Classes by the name of ours; other errors of ours are failures of the work. */
const BY_NAME: Readonly<Record<string, string>> = {
  PrereqError: 'OpPrereqError',
  TemporaryShortage: 'OpPrereqError',
  ExecError: 'OpExecError',
  HooksAborted: 'HooksAbort',
  HooksFailed: 'HooksFailure',
  Cancelled: 'JobCanceled',
  LockOrderError: 'LockError',
  LockTimeout: 'LockError',
  ProgrammerError: 'ProgrammerError',
  ConfigError: 'ConfigurationError',
};

/**
 * The class and code by which clients of Ganeti know an error. What is no error of this library is
 * told as `OpExecError`, which is how Ganeti tells a job's failed assertion.
 * @public
 */
export function ganetiErrorOf(error: unknown): GanetiError {
  if (!LuError.is(error)) return { errorClass: 'OpExecError', errorCode: null };
  const { about, name } = error;
  const bySubject = about === undefined ? undefined : BY_SUBJECT[about];
  if (bySubject !== undefined) return { errorClass: bySubject, errorCode: null };
  // A damaged export is told like a defect of the program, but with the code of a bad environment.
  const errorClass = about === 'export-file' ? 'ProgrammerError' : (BY_NAME[name] ?? 'OpExecError');
  return { errorClass, errorCode: codeOf(error) };
}

function codeOf(error: LuError): string | null {
  const { code } = error.toJSON();
  return error.kind === 'prereq' && typeof code === 'string' ? code : null;
}
