/**
 * The calls of etcd that this adapter is built from: keys, transactions, watches, leases. All that
 * is known of members, retries, users and certificates ends here; what is above sees one cluster.
 */
import type { KvCompare, KvEntry } from '../../ports/kv-store.js';
import { Caller } from './caller.js';
import { late } from './endpoint.js';
import type { AuthAnswer, LeaseAnswer, RangeAnswer, TxnAnswer, WatchAnswer } from './messages.js';
import { endpointsOf } from './endpoints.js';
import type {
  CallRules,
  EtcdCalls,
  EtcdLease,
  EtcdPage,
  EtcdPageRequest,
  WatchRequest,
} from './etcd-calls.js';
import type { EtcdOptions } from './options.js';
import { loadProcedures, type Procedures } from './protocol.js';
import { endOf, entryOf, startOf } from './text.js';
import { NO_TOKENS, tokensOf } from './tokens.js';
import { type EtcdOp, txnRequest } from './txn-request.js';
import { watchStream } from './watch-stream.js';

/** A cluster of etcd. All methods reject with `ConfigError`. */
export class EtcdClient implements EtcdCalls {
  readonly #caller: Caller;
  readonly #procedures: Procedures;
  readonly #tokens: ReturnType<typeof tokensOf>;
  readonly #attemptMs: number;

  /** Connects when the first call is made. Throws `ProgrammerError` for options without sense. */
  constructor(options: EtcdOptions) {
    const { auth, clock, timeoutMs = 10_000, attemptMs = 2_500 } = options;
    this.#procedures = loadProcedures();
    this.#attemptMs = attemptMs;
    this.#tokens = tokensOf(auth, () => this.#authenticate(auth));
    const endpoints = endpointsOf(options);
    this.#caller = new Caller({ endpoints, clock, timeoutMs, attemptMs, tokens: this.#tokens });
  }

  /** One key. */
  async get(key: string): Promise<KvEntry | undefined> {
    const request = { key: Buffer.from(key) };
    const { kvs } = await this.#call<RangeAnswer>('KV', 'Range', request, REPEATABLE);
    const [entry] = kvs;
    return entry === undefined ? undefined : entryOf(entry);
  }

  /** Keys that begin with a prefix, in the order of their bytes. */
  async page({ prefix, from, limit, revision = 0 }: EtcdPageRequest): Promise<EtcdPage> {
    const request = {
      key: startOf(prefix, from),
      rangeEnd: endOf(prefix),
      limit: String(limit),
      revision: String(revision),
    };
    const answer = await this.#call<RangeAnswer>('KV', 'Range', request, REPEATABLE);
    const entries = answer.kvs.map(entryOf);
    return { entries, more: answer.more, revision: Number(answer.header.revision) };
  }

  /**
   * A transaction. With `repeatable` it is sent again when its answer was lost; else the error says
   * that the outcome is unknown.
   */
  async txn(
    compare: readonly KvCompare[],
    ops: readonly EtcdOp[],
    rules: CallRules = { repeatable: false },
  ): Promise<{ readonly committed: boolean; readonly revision: number }> {
    const request = txnRequest(compare, ops);
    const { succeeded, header } = await this.#call<TxnAnswer>('KV', 'Txn', request, rules);
    return { committed: succeeded, revision: Number(header.revision) };
  }

  /**
   * What the server says of one watch on one connection. Ends when the connection is lost or the
   * signal fires; throws `ConfigError` when watching on would be in vain (`conflict`: the start is
   * forgotten).
   */
  watch(request: WatchRequest, signal: AbortSignal): AsyncGenerator<WatchAnswer, void> {
    const caller = this.#caller;
    const procedure = this.#procedures('Watch', 'Watch');
    const parts = { caller, procedure, tokens: this.#tokens, attemptMs: this.#attemptMs };
    return watchStream(parts, request, signal);
  }

  /** Waits a little before the next try of something, longer with each round; rejects on abort. */
  pause(round: number, signal: AbortSignal): Promise<void> {
    return this.#caller.pause(round, Number.POSITIVE_INFINITY, signal);
  }

  /** A new lease. One whose answer was lost ends by itself. */
  async grantLease(ttlSeconds: number): Promise<EtcdLease> {
    const request = { TTL: String(ttlSeconds) };
    const lease = await this.#call<LeaseAnswer>('Lease', 'LeaseGrant', request, REPEATABLE);
    return { id: lease.ID, ttlSeconds: Number(lease.TTL) };
  }

  /** Says that the lease is still wanted; resolves to its seconds from now, 0 if it is gone. */
  async keepLease(id: string, rules: Omit<CallRules, 'repeatable'> = {}): Promise<number> {
    const procedure = this.#procedures('Lease', 'LeaseKeepAlive');
    const { TTL } = await this.#caller.call<LeaseAnswer>(
      (endpoint, token) => {
        const { answers, cancel } = endpoint.converse<LeaseAnswer>(procedure, { ID: id }, token);
        return { answer: firstOf(answers), cancel };
      },
      { ...rules, ...REPEATABLE },
    );
    return Number(TTL);
  }

  /** Ends a lease and all that goes with it. One that is gone has ended. */
  async revokeLease(id: string, rules: Omit<CallRules, 'repeatable'> = {}): Promise<void> {
    try {
      await this.#call('Lease', 'LeaseRevoke', { ID: id }, { ...rules, ...REPEATABLE });
    } catch (error) {
      if (!/requested lease not found/.test(String(error))) throw error;
    }
  }

  /** Ends all calls and connections. Twice is harmless. */
  close(): void {
    this.#caller.close();
  }

  #call<T>(service: string, name: string, request: object, rules: CallRules): Promise<T> {
    const procedure = this.#procedures(service, name);
    return this.#caller.call<T>(
      (endpoint, token) => endpoint.call(procedure, request, token),
      rules,
    );
  }

  /** An etcd whose users are not switched on yet needs no token. */
  async #authenticate(auth: EtcdOptions['auth']): Promise<string | undefined> {
    if (auth === undefined) return undefined;
    const request = { name: auth.user, password: auth.password.reveal() };
    const procedure = this.#procedures('Auth', 'Authenticate');
    try {
      const { token } = await this.#caller.call<AuthAnswer>(
        (endpoint) => endpoint.call(procedure, request),
        REPEATABLE,
        NO_TOKENS,
      );
      return token;
    } catch (error) {
      if (/authentication is not enabled/.test(String(error))) return undefined;
      throw error;
    }
  }
}

/** Reads, and writes that say the same when they are said twice. */
const REPEATABLE: CallRules = { repeatable: true };

async function firstOf<T>(answers: AsyncGenerator<T, void>): Promise<T> {
  const { value, done } = await answers.next();
  await answers.return(undefined);
  if (done === true) throw late(0);
  return value;
}
