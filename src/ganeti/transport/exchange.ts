/**
 * One HTTPS request to one node daemon, on a connection of its own, as daemons want it. What comes
 * of it is a value; judging it is somebody else's business.
 *
 * X1 It ends: by an answer, an error, a limit or the caller; then no socket, timer or listener is
 *    left.
 * X2 A command that has left is not forgotten at once when the caller gives up: daemons cannot be
 *    told to stop, and who undoes a command should know how it ended. It gets `settleMs`.
 * X3 An answer is read up to a size.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { SecureContext } from 'node:tls';
import type { Clock, Timer } from '../../ports/clock.js';

/** What is to be sent, and how long it may take. */
export interface ExchangeOptions {
  readonly clock: Clock;
  readonly secureContext: SecureContext;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly body: string;
  /** Most time until both sides have agreed on how to speak, milliseconds. */
  readonly connectMs: number;
  /** Most time for the whole, milliseconds. */
  readonly limitMs: number;
  /** Most time to wait for a command when the caller has given up, milliseconds. */
  readonly settleMs: number;
  /** Most bytes of an answer. */
  readonly mostBytes: number;
  readonly signal: AbortSignal | undefined;
}

/** How far it had come: only what was sent can have had an effect. */
export type ExchangeStage = 'connecting' | 'sent';

/** What came of it. */
export type Exchange =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  | { readonly kind: 'broken'; readonly stage: ExchangeStage; readonly error: Error }
  | { readonly kind: 'no-connection' }
  | { readonly kind: 'late' }
  | { readonly kind: 'aborted'; readonly stage: ExchangeStage }
  | { readonly kind: 'too-large' };

/** Sends the request and waits for what comes of it. */
export function exchange(options: ExchangeOptions): Promise<Exchange> {
  return new Promise((resolve) => new Conversation(options, resolve).begin());
}

class Conversation {
  readonly #options: ExchangeOptions;
  readonly #resolve: (outcome: Exchange) => void;
  readonly #timers: Timer[] = [];
  #request: ClientRequest | undefined;
  #stage: ExchangeStage = 'connecting';
  #done = false;

  constructor(options: ExchangeOptions, resolve: (outcome: Exchange) => void) {
    this.#options = options;
    this.#resolve = resolve;
  }

  begin(): void {
    const { signal, limitMs, connectMs, body } = this.#options;
    if (signal?.aborted === true) return this.#end({ kind: 'aborted', stage: 'connecting' });
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#after(limitMs, () => this.#end({ kind: 'late' }));
    const connecting = this.#after(connectMs, () => this.#end({ kind: 'no-connection' }));
    let request: ClientRequest;
    try {
      request = this.#open();
    } catch (error) {
      // An address that cannot be one.
      return this.#break(error instanceof Error ? error : new Error(String(error)));
    }
    this.#request = request;
    request.on('socket', (socket) => {
      socket.once('secureConnect', () => {
        this.#stage = 'sent';
        connecting.cancel();
      });
    });
    request.on('response', (response) => this.#read(response));
    request.on('error', (error) => this.#break(error));
    request.end(body);
  }

  #open(): ClientRequest {
    const { secureContext, host, port, path, body } = this.#options;
    const options: RequestOptions & { readonly secureContext: SecureContext } = {
      method: 'POST',
      host,
      port,
      path,
      // A connection for this request alone; daemons close it after their answer.
      agent: false,
      secureContext,
      minVersion: 'TLSv1.2',
      // All nodes show the cluster's certificate, so there is no host name in it to be compared.
      checkServerIdentity: () => undefined,
      headers: {
        'Content-Length': Buffer.byteLength(body),
        'Content-Type': 'application/json',
        Connection: 'close',
      },
    };
    return httpsRequest(options);
  }

  #read(response: IncomingMessage): void {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > this.#options.mostBytes) this.#end({ kind: 'too-large' });
      else chunks.push(chunk);
    });
    response.on('error', (error) => this.#break(error));
    response.on('end', () => {
      if (!response.complete) return this.#break(new Error('half an answer'));
      const body = Buffer.concat(chunks).toString('utf8');
      this.#end({ kind: 'answer', status: response.statusCode ?? 0, body });
    });
  }

  readonly #onAbort = (): void => {
    const { settleMs } = this.#options;
    const give = (): void => this.#end({ kind: 'aborted', stage: this.#stage });
    if (this.#stage === 'connecting' || settleMs <= 0) give();
    else this.#after(settleMs, give);
  };

  #after(delayMs: number, fire: () => void): Timer {
    const timer = this.#options.clock.timer(delayMs, fire);
    this.#timers.push(timer);
    return timer;
  }

  #break(error: Error): void {
    this.#end({ kind: 'broken', stage: this.#stage, error });
  }

  #end(outcome: Exchange): void {
    if (this.#done) return;
    this.#done = true;
    for (const timer of this.#timers) timer.cancel();
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#request?.destroy();
    this.#resolve(outcome);
  }
}
