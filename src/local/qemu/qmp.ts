/**
 * QEMU's machine protocol: one JSON object per line over a socket. Owns one connection.
 *
 * Q1 a command is answered by the object that carries its number, whatever comes in between;
 * Q2 when the connection ends, everything that waits on it fails at once; nothing waits for ever;
 * Q3 after `close` neither socket nor timer nor listener is left.
 */
import { connect, type Socket } from 'node:net';
import type { Clock } from '../../ports/clock.js';
import { CallEnded, CallLimit, type LimitOptions } from '../process/limit.js';

/** More than any answer; a line beyond that is not from QEMU. */
const LONGEST_LINE = 16 * 1024 * 1024;

/** QEMU refused a command. */
export class QmpRefusal extends Error {
  override readonly name = 'QmpRefusal';
}

/** Something that happened to the guest. */
export interface QmpEvent {
  /** What, in capital letters: `SHUTDOWN`, `STOP` … */
  readonly name: string;
  /** Details. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** How to connect. */
export interface QmpOptions extends LimitOptions {
  /** Path of the socket. */
  readonly path: string;
  /** Measures the time limits. */
  readonly clock: Clock;
  /** Told what happens to the guest. */
  readonly onEvent?: (event: QmpEvent) => void;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

type Message = Readonly<Record<string, unknown>>;

/** A connection over which commands can be given. */
export class QmpConnection {
  readonly #socket: Socket;
  readonly #options: QmpOptions;
  /** Commands under way by number; 0 stands for the greeting. */
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #ended: Error | undefined;
  #text = '';

  private constructor(options: QmpOptions) {
    this.#options = options;
    this.#socket = connect({ path: options.path });
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (text: string) => this.#take(text));
    this.#socket.on('error', (error) => this.#end(error));
    this.#socket.on('close', () => this.#end(new Error('QEMU closed the control connection')));
  }

  /** Connects, waits for the greeting and makes ready for commands. */
  static async open(options: QmpOptions): Promise<QmpConnection> {
    const connection = new QmpConnection(options);
    try {
      await connection.#within(options, () => connection.#answer(0));
      await connection.execute('qmp_capabilities', {}, options);
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /**
   * Gives a command and waits for its answer. Rejects with {@link QmpRefusal} if QEMU refuses, with
   * `CallEnded` if the limit is reached, with the connection's error if it ends.
   */
  async execute(
    command: string,
    args: Readonly<Record<string, unknown>> = {},
    limit: LimitOptions = {},
  ): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return this.#within(limit, () => {
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
      return this.#answer(id);
    });
  }

  /** Ends the connection. Twice is harmless. */
  async close(): Promise<void> {
    this.#end(new Error('the control connection was closed'));
    if (this.#socket.closed) return;
    await new Promise<void>((resolve) => this.#socket.once('close', () => resolve()));
  }

  #answer(id: number): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  async #within(limit: LimitOptions, work: () => Promise<unknown>): Promise<unknown> {
    const watch = new CallLimit(this.#options.clock, limit);
    try {
      watch.check();
      const ended = new Promise<never>((_resolve, reject) => {
        watch.signal.addEventListener('abort', () => reject(new CallEnded(watch.end ?? 'aborted')));
      });
      return await Promise.race([work(), ended]);
    } finally {
      watch.dispose();
    }
  }

  #take(text: string): void {
    const lines = (this.#text + text).split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) this.#dispatch(parse(line));
    if (this.#text.length > LONGEST_LINE) this.#end(new Error('QEMU sent a line without an end'));
  }

  #dispatch(message: Message | undefined): void {
    if (message === undefined) this.#end(new Error('the control connection does not speak QMP'));
    else if ('event' in message) this.#options.onEvent?.(eventOf(message));
    else this.#settle('QMP' in message ? 0 : Number(message['id']), message);
  }

  #settle(id: number, message: Message): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if ('error' in message) waiting?.reject(new QmpRefusal(reasonOf(message['error'])));
    else waiting?.resolve(message['return']);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#socket.destroy();
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

/** An object, or `undefined` for anything else. */
function parse(line: string): Message | undefined {
  try {
    return asRecord(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function eventOf(message: Message): QmpEvent {
  return { name: String(message['event']), data: asRecord(message['data']) ?? {} };
}

function reasonOf(error: unknown): string {
  const text = asRecord(error)?.['desc'];
  return typeof text === 'string' ? text : 'no reason given';
}

/** What came over the wire, if it is an object. */
export function asRecord(value: unknown): Message | undefined {
  return typeof value === 'object' && value !== null ? (value as Message) : undefined;
}
