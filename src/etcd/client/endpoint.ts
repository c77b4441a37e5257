/**
 * One member of an etcd cluster as this process reaches it: a channel, and calls on it that can be
 * taken back. Knows nothing of the other members; waiting is the caller's business.
 *
 * E1 A call that is not answered is taken back before anything else is tried, so the server's late
 *    answer goes nowhere.
 */
import {
  Client,
  type ChannelCredentials,
  type ChannelOptions,
  connectivityState,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import type { Procedure } from './protocol.js';
import { closedError } from './verdict.js';

/** A call under way. */
export interface Underway<T> {
  /** Rejects with a `ServiceError`. */
  readonly answer: Promise<T>;
  /** Gives up; the answer rejects. */
  cancel(): void;
}

/** A conversation under way. */
export interface Conversation<T> {
  /** What the server says, in order. Throws a `ServiceError` when the stream breaks. */
  readonly answers: AsyncGenerator<T, void>;
  /** Ends it from our side. */
  cancel(): void;
}

/** How to reach a member. */
export interface EndpointOptions {
  /** As the user has given it. */
  readonly url: string;
  /** Host and port. */
  readonly address: string;
  readonly credentials: ChannelCredentials;
  readonly channel: ChannelOptions;
}

/** A member. */
export class Endpoint {
  readonly url: string;
  readonly #client: Client;
  /** The next change of the channel's state; shared, so that waiters leave nothing behind. */
  #change: Promise<void> | undefined;

  constructor({ url, address, credentials, channel }: EndpointOptions) {
    this.url = url;
    this.#client = new Client(`dns:${address}`, credentials, channel);
  }

  /**
   * True if calls can be sent; else a promise, which resolves to true as soon as they can, to false
   * if the member cannot be reached now, and to neither while the channel tries to connect. Rejects
   * when closed.
   */
  connected(): true | Promise<boolean> {
    const state = this.#client.getChannel().getConnectivityState(true);
    return state === connectivityState.READY ? true : this.#connecting();
  }

  /** One request, one answer. */
  call<T>(procedure: Procedure, request: object, token?: string): Underway<T> {
    const { path, requestSerialize, responseDeserialize } = procedure;
    const read = (bytes: Buffer): T => responseDeserialize(bytes) as T;
    const { promise: answer, resolve, reject } = deferred<T>();
    const call = this.#client.makeUnaryRequest(
      path,
      requestSerialize,
      read,
      request,
      metadataOf(token),
      (error, value) => {
        if (error !== null) reject(error);
        else resolve(value as T);
      },
    );
    return { answer, cancel: () => call.cancel() };
  }

  /** Opens a conversation with one request. */
  converse<T>(procedure: Procedure, request: object, token?: string): Conversation<T> {
    const { path, requestSerialize, responseDeserialize } = procedure;
    const read = (bytes: Buffer): T => responseDeserialize(bytes) as T;
    const call = this.#client.makeBidiStreamRequest<object, T>(
      path,
      requestSerialize,
      read,
      metadataOf(token),
    );
    // A stream that breaks when nobody listens must not end the process.
    call.on('error', () => {});
    call.write(request);
    return { answers: answersOf(call), cancel: () => call.cancel() };
  }

  /** Ends all calls. */
  close(): void {
    this.#client.close();
  }

  async #connecting(): Promise<boolean> {
    for (;;) {
      const state = this.#client.getChannel().getConnectivityState(true);
      if (state === connectivityState.READY) return true;
      if (state === connectivityState.TRANSIENT_FAILURE) return false;
      if (state === connectivityState.SHUTDOWN) throw closedError();
      await (this.#change ??= this.#nextState(state));
    }
  }

  #nextState(state: connectivityState): Promise<void> {
    return new Promise((resolve) => {
      this.#client.getChannel().watchConnectivityState(state, Number.POSITIVE_INFINITY, () => {
        this.#change = undefined;
        resolve();
      });
    });
  }
}

/** The stream's messages; the stream is ended when nobody wants more. */
async function* answersOf<T>(
  call: AsyncIterable<unknown> & { cancel(): void },
): AsyncGenerator<T, void> {
  try {
    for await (const answer of call) yield answer as T;
  } finally {
    call.cancel();
  }
}

/** A member that has no leader is told to say so at once. */
function metadataOf(token: string | undefined): Metadata {
  const metadata = new Metadata();
  metadata.set('hasleader', 'true');
  if (token !== undefined) metadata.set('token', token);
  return metadata;
}

/** We have waited long enough. */
class Late extends Error {}

/** The failure of a call that we gave up ourselves. */
export function late(ms: number): ServiceError {
  const details = `no answer within ${Math.round(ms)} ms`;
  const facts = { code: status.DEADLINE_EXCEEDED, details, metadata: new Metadata() };
  return Object.assign(new Late(details), facts);
}

/** Whether we gave a call up ourselves. */
export function isLate(error: unknown): boolean {
  return error instanceof Late;
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
