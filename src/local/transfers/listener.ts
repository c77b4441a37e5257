/**
 * Waits for the one who sends. Without encryption it listens to this machine only; with it, to
 * everybody, since the sender is on another cluster.
 *
 * H1 the first one who proves to be the sender is; nobody else is told anything;
 * H2 strangers do no harm: one who knocks with the wrong word or none is turned away, and the
 *    right one is still waited for;
 * H3 once somebody was let in, or it is closed, nobody listens any more.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { TransferOptions } from '../../ports/transfer.js';
import type { Bytes } from '../process/run-fed.js';
import type { Stage } from './compression.js';
import { Connection } from './connection.js';
import { RecordTap } from './record-tap.js';
import type { TlsIdentity } from './node-keys.js';
import { reasonOf } from './reason.js';
import { afterWord } from './word.js';

/** Most connections that are looked at at a time. */
const MOST_PENDING = 16;

/** The sender, found. */
export interface Sender {
  readonly connection: Connection;
  /** The contents, without the word, expanded. */
  readonly contents: Bytes;
  /** Breaks off, unless all is over already, and waits until nothing of it is left. */
  end(): Promise<void>;
}

/** How a sender is known. */
export interface Welcome {
  readonly options: Pick<TransferOptions, 'magic' | 'ipv6'>;
  readonly identity: TlsIdentity | undefined;
  readonly expand: Stage;
  /** Ends everything that was begun for a connection. */
  readonly signal: AbortSignal;
  /** Told who was turned away, in words. */
  readonly onStranger: (why: string) => void;
}

/** An open port. */
export class Listener {
  readonly port: number;
  readonly #server: Server;
  readonly #welcome: Welcome;
  readonly #pending = new Set<Connection>();
  readonly #greetings: Promise<void>[] = [];
  readonly #found: Promise<Sender>;
  #resolve: (sender: Sender) => void = () => undefined;
  #sender: Sender | undefined;

  private constructor(server: Server, welcome: Welcome) {
    this.#server = server;
    this.#welcome = welcome;
    this.port = (server.address() as AddressInfo).port;
    this.#found = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#accept();
  }

  /** Opens a port that the system chooses. */
  static async open(welcome: Welcome): Promise<Listener> {
    const server = createServer({ allowHalfOpen: true });
    server.maxConnections = MOST_PENDING;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port: 0, host: addressOf(welcome) }, resolve);
    });
    // What goes wrong later is one connection's trouble; the others are waited for.
    server.on('error', (error) => welcome.onStranger(reasonOf(error)));
    return new Listener(server, welcome);
  }

  /** Resolves with the sender; never, if nobody comes. */
  sender(): Promise<Sender> {
    return this.#found;
  }

  /**
   * Listens no more, turns away whoever was not let in, and waits until they are gone; the sender
   * too, whom nobody may have waited for any more when he came.
   */
  async close(): Promise<void> {
    this.#shut();
    await Promise.all(this.#greetings);
    await this.#sender?.end();
  }

  #shut(): void {
    this.#server.close();
    for (const connection of this.#pending) connection.reset();
    this.#pending.clear();
  }

  #accept(): void {
    const { identity } = this.#welcome;
    this.#server.on('connection', (socket) => {
      if (identity === undefined) this.#receive(new Connection({ socket, stream: socket }));
      else this.#encrypt(socket, identity);
    });
  }

  #receive(connection: Connection): void {
    this.#pending.add(connection);
    this.#greetings.push(this.#greet(connection));
  }

  /** Encryption is put on top by hand, to look at what lies below. One server knows one client. */
  #encrypt(socket: Socket, identity: TlsIdentity): void {
    const tap = new RecordTap(socket);
    const bare = new Connection({ socket, stream: tap });
    const tls = tlsServer(identity);
    this.#pending.add(bare);
    tls.on('tlsClientError', (error) => this.#turnAway(bare, error));
    tls.on('secureConnection', (stream) => {
      this.#pending.delete(bare);
      this.#receive(new Connection({ socket, stream, tap }));
    });
    tls.emit('connection', tap);
  }

  async #greet(connection: Connection): Promise<void> {
    const { options, expand, signal } = this.#welcome;
    const expanded = expand(connection.bytes(), signal);
    const end = async (): Promise<void> => {
      connection.reset();
      // What it throws was thrown to its reader, too.
      await expanded.return().catch(() => undefined);
    };
    try {
      const contents = await afterWord(expanded, options.magic);
      if (!this.#pending.delete(connection)) return await end();
      this.#shut();
      this.#sender = { connection, contents, end };
      this.#resolve(this.#sender);
    } catch (error) {
      this.#turnAway(connection, error);
      await end();
    }
  }

  /** Those who were turned away when the sender was found are nothing to talk about. */
  #turnAway(connection: Connection, why: unknown): void {
    connection.reset();
    if (this.#pending.delete(connection)) this.#welcome.onStranger(reasonOf(why));
  }
}

function addressOf({ identity, options }: Welcome): string {
  if (identity === undefined) return '127.0.0.1';
  return options.ipv6 === true ? '::' : '0.0.0.0';
}

/** Never listens itself: connections are handed to it. */
function tlsServer({ key, certificate, authority }: TlsIdentity): TlsServer {
  return createTlsServer({
    key,
    cert: certificate,
    ca: [authority],
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    allowHalfOpen: true,
  });
}
