/** A line to a member that can be cut without anybody being told: bytes just no longer come. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Passes connections on, until it falls silent. */
export class Relay {
  isSilent = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** A relay to an endpoint, on a port of loopback. */
  static async to(url: string): Promise<Relay> {
    const { hostname, port } = new URL(url);
    const server = createServer();
    const relay = new Relay(server);
    server.on('connection', (near) => {
      const far = connect(Number(port), hostname);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        relay.#sockets.add(from);
        from.on('data', (bytes) => void (relay.isSilent || to.write(bytes)));
        from.on('close', () => void (relay.isSilent || to.destroy()));
        from.on('error', () => {});
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  /** What clients are told. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
