/**
 * One stream of changes from the store to a process. Changes come in order and without gaps; if one
 * is lost on its way the stream is over, which the process notices after a while.
 */
import { ConfigError } from '../../src/errors.js';
import type { KvChange } from '../../src/ports/kv-store.js';
import type { Line } from './far-call.js';

/** How long it takes to notice that a stream is dead, milliseconds. */
const DEAF_MS = 4000;

/** What arrives: a change, or that there will be no more. */
type Item = KvChange | { readonly over: Error | undefined };

export class FarWatch {
  readonly #line: Line;
  readonly #channel: string;
  readonly #prefix: string;
  readonly #items: Item[] = [];
  readonly #stop = new AbortController();
  #bell: (() => void) | undefined;

  constructor(line: Line, prefix: string, after: number) {
    this.#line = line;
    this.#prefix = prefix;
    this.#channel = line.network.newChannel();
    line.machine.onDeath(() => this.#stop.abort());
    const { network, machine, server } = line;
    const fate = network.send({ from: machine.name, to: server.name }, () => {
      if (server.hasLeader) void this.#serve(after);
      else this.#breakDown();
    });
    if (fate === 'lost') this.#breakDown();
  }

  /** The changes; ends when the stream is over, fails if the start is forgotten. */
  async *changes(): AsyncGenerator<KvChange> {
    for (;;) {
      const item = this.#items.shift();
      if (item === undefined) {
        await new Promise<void>((resolve) => (this.#bell = resolve));
      } else if ('over' in item) {
        if (item.over !== undefined) throw item.over;
        return;
      } else yield item;
    }
  }

  /** The process wants no more. */
  end(): void {
    this.#stop.abort();
    this.#put({ over: undefined });
  }

  async #serve(after: number): Promise<void> {
    try {
      const { kv } = this.#line.server;
      for await (const change of kv.watch(this.#prefix, after, this.#stop.signal)) {
        if (this.#stop.signal.aborted) return;
        this.#send(change);
      }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.#send({ over: error });
    }
  }

  #send(item: Item): void {
    const { network, machine, server } = this.#line;
    const way = { from: server.name, to: machine.name, channel: this.#channel };
    const fate = network.send(way, () => machine.receive(() => this.#put(item)));
    if (fate === 'lost') this.#breakDown();
  }

  #breakDown(): void {
    this.#stop.abort();
    this.#line.machine.timer(DEAF_MS, () => this.#put({ over: undefined }));
  }

  #put(item: Item): void {
    this.#items.push(item);
    this.#bell?.();
    this.#bell = undefined;
  }
}
