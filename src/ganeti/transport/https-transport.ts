/**
 * Calls of procedures over HTTPS: every node of a call gets its own request, as many at once as the
 * limits allow, and is answered for (T1–T4 of `../node/transport.ts`).
 *
 * H1 A question that got no connection, or lost it, is asked again, a few times within its limit. A
 *    command never is: it may have been carried out.
 * H2 The limit begins when a call is sent: waiting for others to end is no silence of the node.
 * H3 What a node says is told without the secrets that it was sent.
 */
import { createSecureContext, type SecureContext } from 'node:tls';
import { ProgrammerError } from '../../errors.js';
import type { NodeId } from '../../model/ids.js';
import { type Clock, sleep } from '../../ports/clock.js';
import { failed } from '../../ports/reply.js';
import { changesNothing } from '../node/procedures.js';
import {
  type NodeAnswer,
  type NodeCall,
  type NodeCallOptions,
  type NodeTarget,
  type NodeTransport,
  revealArguments,
} from '../node/transport.js';
import type { NodeCredentials } from './credentials.js';
import { exchange } from './exchange.js';
import { judge } from './judge.js';
import { withoutSecretsOf } from './redact.js';
import { requestBody } from './request-body.js';
import { Slots } from './slots.js';

/**
 * How node daemons are called.
 * @public
 */
export interface HttpsTransportOptions {
  /** Who calls, and whom it trusts. */
  readonly credentials: NodeCredentials;
  /** Measures the time. */
  readonly clock: Clock;
  /** The port of the daemons; 1811, Ganeti's, if not given. */
  readonly port?: number;
  /** Most time for connecting, milliseconds; 5,000, as Ganeti's, if not given. */
  readonly connectMs?: number;
  /** Most time that a command is waited for when its caller gives up; 5,000 if not given. */
  readonly settleMs?: number;
  /** Most calls at once, to all nodes; 64 if not given. */
  readonly maxCalls?: number;
  /** Most calls at once to one node; 16 if not given. Daemons serve 20, and all callers share. */
  readonly maxCallsPerNode?: number;
  /** Longest answer that is read, bytes; 32 MiB if not given. */
  readonly maxAnswerBytes?: number;
  /** Pauses before a question is asked again, milliseconds; 200 and 1,000 if not given. */
  readonly repeatAfterMs?: readonly number[];
}

const DEFAULTS = {
  port: 1811,
  connectMs: 5_000,
  settleMs: 5_000,
  maxCalls: 64,
  maxCallsPerNode: 16,
  maxAnswerBytes: 32 * 1024 * 1024,
  repeatAfterMs: [200, 1_000],
} as const;

type Settings = Required<HttpsTransportOptions>;

/** One call to one node, ready to leave. */
interface Letter {
  readonly target: NodeTarget;
  readonly procedure: string;
  readonly body: string;
  readonly signal: AbortSignal | undefined;
  readonly limitMs: number;
}

/**
 * Carries calls to Ganeti's node daemons, one HTTPS request each, with a client certificate. Throws
 * `ProgrammerError` if an option makes no sense.
 * @public
 */
export class HttpsTransport implements NodeTransport {
  readonly #settings: Settings;
  readonly #secureContext: SecureContext;
  readonly #slots: Slots;

  constructor(options: HttpsTransportOptions) {
    this.#settings = settingsOf(options);
    const { certificate, key, authority } = options.credentials;
    this.#secureContext = createSecureContext({
      cert: certificate,
      key: key.reveal(),
      ca: authority,
      minVersion: 'TLSv1.2',
    });
    const { maxCalls: total, maxCallsPerNode: perNode } = this.#settings;
    this.#slots = new Slots({ total, perNode });
  }

  /** Calls the nodes, all at once as far as the limits allow, and answers by node. */
  async call(call: NodeCall, options: NodeCallOptions): Promise<ReadonlyMap<NodeId, NodeAnswer>> {
    const answers = call.nodes.map(
      async (target): Promise<[NodeId, NodeAnswer]> => [
        target.id,
        await this.#callOne(call, target, options),
      ],
    );
    return new Map(await Promise.all(answers));
  }

  async #callOne(
    call: NodeCall,
    target: NodeTarget,
    { signal, timeoutMs: limitMs }: NodeCallOptions,
  ): Promise<NodeAnswer> {
    if (target.offline) return failed(`node ${target.name} is marked offline`, 'offline');
    const { procedure } = call;
    const args = call.wire(target.id);
    const body = requestBody(revealArguments(args));
    const letter = { target, procedure, body, signal, limitMs };
    const answer = await this.#slots.use(target.id, () => this.#send(letter), signal);
    if (answer === undefined) return cancelled(letter);
    return answer.ok ? answer : { ...answer, message: withoutSecretsOf(args, answer.message) };
  }

  /** See H1. */
  async #send(letter: Letter): Promise<NodeAnswer> {
    const { clock, repeatAfterMs } = this.#settings;
    const pauses = changesNothing(letter.procedure) ? repeatAfterMs : [];
    const end = clock.monotonic() + letter.limitMs;
    let answer = await this.#sendOnce(letter, letter.limitMs);
    for (const pause of pauses) {
      if (answer.ok || answer.failure !== 'unreachable') break;
      const left = end - clock.monotonic() - pause;
      if (left <= 0) break;
      if (!(await this.#paused(pause, letter.signal))) return cancelled(letter);
      answer = await this.#sendOnce(letter, left);
    }
    return answer;
  }

  async #sendOnce(letter: Letter, limitMs: number): Promise<NodeAnswer> {
    const { target, procedure, body, signal } = letter;
    const { clock, port, connectMs, settleMs, maxAnswerBytes: mostBytes } = this.#settings;
    const host = target.address;
    const outcome = await exchange({
      ...{ clock, secureContext: this.#secureContext, host, port, body, connectMs, limitMs },
      ...{ path: `/${procedure}`, mostBytes, signal },
      settleMs: changesNothing(procedure) ? 0 : settleMs,
    });
    const at = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    return judge(outcome, { at, procedure, connectMs, limitMs: letter.limitMs });
  }

  /** False if the caller gave up meanwhile. */
  async #paused(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      await sleep(this.#settings.clock, ms, signal);
      return true;
    } catch {
      return false;
    }
  }
}

function cancelled({ procedure, target }: Letter): NodeAnswer {
  return failed(`the call of ${procedure} to ${target.name} was cancelled`, 'aborted');
}

function settingsOf(options: HttpsTransportOptions): Settings {
  const { credentials, clock } = options;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const settings: Settings = { ...DEFAULTS, credentials, clock, ...Object.fromEntries(given) };
  const { port, maxCalls, maxCallsPerNode, maxAnswerBytes, connectMs } = settings;
  for (const [name, value] of Object.entries({ port, maxCalls, maxCallsPerNode, maxAnswerBytes })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new ProgrammerError(`${name} is ${value}; give a whole number above 0`);
  }
  if (!(connectMs > 0)) throw new ProgrammerError(`connectMs is ${connectMs}; give more than 0`);
  return settings;
}
