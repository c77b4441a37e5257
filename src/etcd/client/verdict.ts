/**
 * What a failed call means. The one question that matters: may the server have done what it was
 * asked to, although we have no answer?
 *
 * V1 `elsewhere`, `token` and `refused` are given only where the server is known to have done
 *    nothing. Whatever is not in the tables counts as `unsettled`.
 */
import { type ServiceError, status } from '@grpc/grpc-js';
import { ConfigError } from '../../errors.js';
import type { ConfigErrorCode } from '../../errors.js';

/**
 * - `elsewhere`: this member cannot now, another one might;
 * - `token`: the server wants us to say again who we are;
 * - `refused`: every member would refuse;
 * - `unsettled`: it may have been done.
 */
export type Verdict = 'elsewhere' | 'token' | 'refused' | 'unsettled';

/** Said by the server before it proposes anything to the others. */
const ELSEWHERE: readonly string[] = [
  'etcdserver: no leader',
  'etcdserver: too many requests',
  'etcdserver: rpc not supported for learner',
  'etcdserver: not leader',
];

const TOKEN: readonly string[] = [
  'etcdserver: invalid auth token',
  'etcdserver: revision of auth store is old',
  'etcdserver: user name is empty',
];

/** The server's database is full. The transaction that fills it is carried out all the same. */
const FULL = 'etcdserver: mvcc: database space exceeded';

const REFUSED: ReadonlySet<status> = new Set([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.ALREADY_EXISTS,
  status.PERMISSION_DENIED,
  status.UNAUTHENTICATED,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
  status.RESOURCE_EXHAUSTED,
  status.UNIMPLEMENTED,
  status.DATA_LOSS,
]);

/**
 * Codes that the connection gives as well, when it breaks under a call that was sent: HTTP/2's
 * `ENHANCE_YOUR_CALM` (a server that was pinged too often) and `INADEQUATE_SECURITY`, or an answer
 * that is too long. They are a refusal only where the server says so itself.
 */
const ALSO_OF_CONNECTIONS: ReadonlySet<status> = new Set([
  status.RESOURCE_EXHAUSTED,
  status.PERMISSION_DENIED,
]);

/** How a server's own words begin: etcd's, and those of the library that it listens with. */
const SERVERS_WORDS = /^(etcdserver: |grpc: received message larger than max)/;

/** Judges a failed call. */
export function judge({ code, details }: ServiceError): Verdict {
  if (ELSEWHERE.includes(details)) return 'elsewhere';
  if (TOKEN.includes(details)) return 'token';
  if (details === FULL || !REFUSED.has(code)) return 'unsettled';
  if (ALSO_OF_CONNECTIONS.has(code) && !SERVERS_WORDS.test(details)) return 'unsettled';
  return 'refused';
}

interface Refusal {
  readonly when: RegExp;
  readonly code: ConfigErrorCode;
  /** What is wrong and what to do. */
  readonly says: string;
}

const REFUSALS: readonly Refusal[] = [
  {
    when: /required revision has been compacted/,
    code: 'conflict',
    says: 'etcd no longer remembers that revision; read the keys again',
  },
  {
    when: /too many operations in txn/,
    code: 'io',
    says:
      'The transaction has more operations than etcd takes; ' +
      'make it smaller, or start etcd with a larger --max-txn-ops',
  },
  {
    when: /request is too large|message larger than max/,
    code: 'io',
    says:
      'The transaction is larger than etcd takes (1.5 MiB by default); ' +
      'make it smaller, or start etcd with a larger --max-request-bytes',
  },
  {
    when: /database space exceeded/,
    code: 'io',
    says: "etcd's database is full; compact and defragment it, then disarm the alarm NOSPACE",
  },
  {
    when: /permission denied/,
    code: 'io',
    says: 'etcd does not permit this user to do that; grant the role readwrite on the prefix',
  },
  {
    when: /authentication failed/,
    code: 'io',
    says: 'etcd does not know this user with this password; correct `auth`',
  },
  {
    when: /user name is empty|invalid auth token/,
    code: 'io',
    says: 'etcd wants to know who we are; give `auth`, or a certificate of a known user',
  },
  { when: /corrupt cluster/, code: 'corrupt', says: 'etcd has found its own data damaged' },
];

/** The typed error for a refusal. */
export function refusal(cause: ServiceError): ConfigError {
  const known = REFUSALS.find(({ when }) => when.test(cause.details));
  if (known === undefined) {
    return new ConfigError(`etcd refuses: ${cause.details}`, 'io', { cause });
  }
  return new ConfigError(`${known.says} (it says: ${cause.details})`, known.code, { cause });
}

/** The typed error for a change whose answer was lost. */
export function unsettled(cause: ServiceError, url: string): ConfigError {
  return new ConfigError(
    `No answer came from etcd at ${url} (${cause.details}); the change may have been made or ` +
      'not: look before you repeat it',
    'io',
    { cause, about: 'unknown-outcome' },
  );
}

/** The typed error for a client that was closed. */
export function closedError(): ConfigError {
  return new ConfigError('The connection to etcd is closed; open it again', 'closed');
}

/** Whether something is a failed call's error. */
export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error && 'metadata' in error;
}
