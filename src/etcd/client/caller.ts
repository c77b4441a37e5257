/**
 * Calls to a cluster: which member is asked, how long, and what follows when it does not answer.
 *
 * R1 Nothing is waited for longer than the time given, by the `Clock`.
 * R2 What may have been carried out is never sent a second time, unless doing it twice is the same
 *    as doing it once. The caller is told that the outcome is unknown.
 * R3 Members are passed over, not forgotten: each gets its turn again.
 * R4 Who gets no answer is told the last thing that is known of each member. A try that was cut
 *    short by the end of the call has learnt nothing.
 */
import { setMaxListeners } from 'node:events';
import { ConfigError } from '../../errors.js';
import { type Clock, sleep } from '../../ports/clock.js';
import { type Endpoint, isLate, late, type Underway } from './endpoint.js';
import type { CallRules } from './etcd-calls.js';
import { closedError, isServiceError, judge, refusal, unsettled } from './verdict.js';

/** What asking needs. */
export interface CallerParts {
  readonly endpoints: readonly Endpoint[];
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly attemptMs: number;
  /** Who we are: a token for metadata, `undefined` where none is needed. */
  readonly tokens: TokenSource;
}

/** Where tokens come from. */
export interface TokenSource {
  /** A token that was good when it was given. */
  current(): Promise<string | undefined>;
  /** A token other than this one. */
  instead(of: string | undefined): Promise<string | undefined>;
}

/** Sends a request to a member. */
export type Send<T> = (endpoint: Endpoint, token: string | undefined) => Underway<T>;

/** Pauses after all members were tried in vain: milliseconds, the last one from then on. */
const PAUSES_MS: readonly number[] = [20, 50, 100, 200, 400];

/** How often a call may say anew who we are. */
const TOKEN_TRIES = 2;

/** Asks the members of a cluster. */
export class Caller {
  readonly #parts: CallerParts;
  readonly #closing = new AbortController();
  #preferred = 0;

  constructor(parts: CallerParts) {
    this.#parts = parts;
    // Every call under way listens; that is no leak.
    setMaxListeners(0, this.#closing.signal);
  }

  /** Fires when the client is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** The member whose turn it is. */
  get endpoint(): Endpoint {
    const { endpoints } = this.#parts;
    const endpoint = endpoints[this.#preferred % endpoints.length];
    if (endpoint === undefined) throw closedError();
    return endpoint;
  }

  /** Lets the next member have its turn, unless somebody else has seen to that. */
  passOver(endpoint: Endpoint): void {
    if (this.endpoint === endpoint) this.#preferred += 1;
  }

  /** Asks until there is an answer, or the rules say stop. Rejects with `ConfigError`. */
  async call<T>(send: Send<T>, rules: CallRules, tokens = this.#parts.tokens): Promise<T> {
    const { clock, endpoints } = this.#parts;
    const limits = { ...this.#parts, ...rules };
    const untilMs = clock.monotonic() + limits.timeoutMs;
    const failures = new Map<string, string>();
    const turn = new Turn(this, clock, { send, rules, attemptMs: limits.attemptMs }, tokens);
    for (let tries = 1; ; tries++) {
      const endpoint = this.endpoint;
      const outcome = await turn.ask(endpoint, untilMs - clock.monotonic());
      if ('answer' in outcome) return outcome.answer;
      if (outcome.isHere === true) continue;
      if (outcome.isCutShort !== true || !failures.has(endpoint.url)) {
        failures.set(endpoint.url, outcome.why);
      }
      this.passOver(endpoint);
      const rounds = tries / endpoints.length;
      const leftMs = untilMs - clock.monotonic();
      if (leftMs > 0 && Number.isInteger(rounds)) await this.pause(rounds, leftMs);
      if (clock.monotonic() >= untilMs) throw nobody(failures);
    }
  }

  /** Waits a little, longer with each round. */
  async pause(round: number, atMostMs: number, signal = this.closing): Promise<void> {
    const ms = PAUSES_MS[Math.min(round, PAUSES_MS.length) - 1] ?? 0;
    await sleep(this.#parts.clock, Math.min(ms, atMostMs), signal);
  }

  /** Resolves to whether the member can be asked now; `undefined` if that took too long. */
  async reach(endpoint: Endpoint, ms: number): Promise<boolean | undefined> {
    const connected = endpoint.connected();
    // The usual case, without timers and listeners.
    if (connected === true) return true;
    return this.within<boolean | undefined>(ms, connected, () => undefined);
  }

  /** The value, or what `onLate` returns or throws when it takes too long. */
  within<T>(ms: number, work: Promise<T>, onLate: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const signal = this.closing;
      const onClose = (): void => reject(closedError());
      signal.addEventListener('abort', onClose, { once: true });
      const timer = this.#parts.clock.timer(ms, () => {
        resolve(new Promise((late) => late(onLate())));
      });
      work.then(resolve, reject).finally(() => {
        timer.cancel();
        signal.removeEventListener('abort', onClose);
      });
      if (signal.aborted) onClose();
    });
  }

  /** Ends all calls; those under way reject. Twice is harmless. */
  close(): void {
    this.#closing.abort(closedError());
    for (const endpoint of this.#parts.endpoints) endpoint.close();
  }
}

type Outcome<T> =
  | { readonly answer: T }
  /** Not done, or may be done again. `isHere`: by the same member. `isCutShort`: see R4. */
  | { readonly why: string; readonly isHere?: boolean; readonly isCutShort?: boolean };

interface Asking<T> {
  readonly send: Send<T>;
  readonly rules: CallRules;
  readonly attemptMs: number;
}

/** The tries of one call. */
class Turn<T> {
  readonly #caller: Caller;
  readonly #clock: Clock;
  readonly #asking: Asking<T>;
  readonly #tokens: TokenSource;
  #tokenTries = 0;
  #refusedToken: { readonly token: string | undefined } | undefined;

  constructor(caller: Caller, clock: Clock, asking: Asking<T>, tokens: TokenSource) {
    this.#caller = caller;
    this.#clock = clock;
    this.#asking = asking;
    this.#tokens = tokens;
  }

  /** One try. Throws what ends the call. */
  async ask(endpoint: Endpoint, leftMs: number): Promise<Outcome<T>> {
    const { send, rules, attemptMs } = this.#asking;
    const startMs = this.#clock.monotonic();
    const isReady = await this.#caller.reach(endpoint, Math.min(attemptMs, leftMs));
    // What may be repeated is sent even so: it fails at once, and the failure says why.
    if (isReady !== true && (isReady === undefined || !rules.repeatable)) {
      const isCutShort = isReady === undefined && leftMs < attemptMs;
      return { why: 'cannot be reached', isCutShort };
    }
    const token = await this.#token();
    const restMs = leftMs - (this.#clock.monotonic() - startMs);
    // What is sent but once gets all the time there is: giving up early would gain nothing.
    const ms = rules.repeatable ? Math.min(attemptMs, restMs) : Math.max(attemptMs, restMs);
    const { answer, cancel } = send(endpoint, token);
    try {
      return { answer: await this.#answerOf(answer, cancel, Math.max(ms, 1)) };
    } catch (error) {
      if (this.#caller.closing.aborted) throw this.#closedWhile(error, endpoint);
      const outcome = this.#follows(error, endpoint, token);
      return { ...outcome, isCutShort: isLate(error) && ms < attemptMs };
    }
  }

  #answerOf(answer: Promise<T>, cancel: () => void, ms: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.timer(ms, () => {
        cancel();
        reject(late(ms));
      });
      answer.then(resolve, reject).finally(() => timer.cancel());
    });
  }

  #follows(error: unknown, endpoint: Endpoint, token: string | undefined): Outcome<T> {
    if (!isServiceError(error)) throw error;
    const verdict = judge(error);
    if (verdict === 'refused') throw refusal(error);
    if (verdict === 'token') {
      if (++this.#tokenTries > TOKEN_TRIES) throw refusal(error);
      this.#refusedToken = { token };
      return { why: error.details, isHere: true };
    }
    if (verdict === 'unsettled' && !this.#asking.rules.repeatable) {
      this.#caller.passOver(endpoint);
      throw unsettled(error, endpoint.url);
    }
    return { why: error.details };
  }

  /** Closing takes calls back that were sent already. */
  #closedWhile(error: unknown, endpoint: Endpoint): Error {
    const isLost = isServiceError(error) && !this.#asking.rules.repeatable;
    return isLost ? unsettled(error, endpoint.url) : closedError();
  }

  #token(): Promise<string | undefined> {
    const refused = this.#refusedToken;
    this.#refusedToken = undefined;
    return refused === undefined ? this.#tokens.current() : this.#tokens.instead(refused.token);
  }
}

/** No member answers now; later one may. */
export class Unreachable extends ConfigError {}

function nobody(failures: ReadonlyMap<string, string>): Unreachable {
  const reasons = [...failures].map(([url, why]) => `${url}: ${why}`).join('; ');
  return new Unreachable(
    `No member of etcd answers (${reasons}); see whether most of them run and reach each other`,
    'io',
  );
}
