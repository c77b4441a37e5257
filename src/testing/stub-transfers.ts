/**
 * Exports and transfer daemons in memory. A daemon comes one step further each time that it is
 * asked: it listens, is connected, ends. What a test asks at the end is `leftovers()`.
 */
import type { NodeId } from '../model/ids.js';
import type { NodeRpc } from '../ports/node-rpc.js';
import { answered, failed, type Reply } from '../ports/reply.js';
import type { TransferEnd, TransferOptions, TransferStatus } from '../ports/transfer.js';

/**
 * The calls that stub transfers answer.
 * @public
 */
export type TransferCall =
  | 'listExports'
  | 'exportInfo'
  | 'transferStatus'
  | 'startImport'
  | 'startExport'
  | 'abortTransfer'
  | 'cleanTransfer'
  | 'createCertificate'
  | 'removeCertificate';

/**
 * A daemon, as it was started.
 * @public
 */
export interface StubDaemon {
  /** Where it runs. */
  readonly node: NodeId;
  /** What it does. */
  readonly side: 'receive' | 'send';
  /** What is transferred. */
  readonly component: string;
  /** Where the data come from or go to. */
  readonly end: TransferEnd;
  /** What goes with it. */
  readonly options: TransferOptions;
  /** How often its state was asked for. */
  readonly asked: number;
}

/**
 * How stub transfers behave.
 * @public
 */
export interface StubTransfersOptions {
  /** Descriptions of exports, by node and absolute path: `node2 /var/lib/ganeti/export/web1`. */
  readonly exports?: ReadonlyMap<string, string>;
  /** Certificate of every node, PEM. */
  readonly certificate?: string;
  /** A daemon's state instead of the usual one; `undefined` leaves that. */
  readonly status?: (daemon: StubDaemon) => TransferStatus | undefined;
}

/**
 * Transfers of all nodes of a test cluster. Hand the calls to its nodes by `Object.assign`.
 * @public
 */
export class StubTransfers {
  /** What was called, one line per call. */
  readonly log: string[] = [];
  readonly #options: StubTransfersOptions;
  readonly #daemons = new Map<string, StubDaemon>();
  readonly #keys = new Set<string>();
  #count = 0;

  constructor(options: StubTransfersOptions = {}) {
    this.#options = options;
  }

  /** Daemons and keys that nobody has cleaned up. */
  leftovers(): readonly string[] {
    return [...this.#daemons.keys(), ...this.#keys].sort();
  }

  /** The calls. */
  readonly calls: Pick<NodeRpc, TransferCall> = {
    listExports: (nodes) =>
      Promise.resolve(new Map(nodes.map((id) => [id, answered(this.#exportsOn(id))]))),
    exportInfo: (node, { path }) => {
      const text = this.#options.exports?.get(`${node} ${path}`);
      return this.#reply(text ?? failed(`no export in ${path}`));
    },
    transferStatus: (node, { daemons }) =>
      this.#reply(daemons.map((name) => this.#ask(node, name))),
    startImport: (node, { into, options, component }) =>
      this.#start({ node, side: 'receive', component, end: into, options, asked: 0 }),
    startExport: (node, { from, options, component }) =>
      this.#start({ node, side: 'send', component, end: from, options, asked: 0 }),
    abortTransfer: (_node, { daemon }) => this.#does(`abort ${daemon}`),
    cleanTransfer: (_node, { daemon }) => {
      this.#daemons.delete(daemon);
      return this.#does(`clean ${daemon}`);
    },
    createCertificate: () => {
      const keyName = `key-${++this.#count}`;
      this.#keys.add(keyName);
      return this.#reply({ keyName, certificate: this.#options.certificate ?? '' });
    },
    removeCertificate: (_node, { keyName }) => {
      this.#keys.delete(keyName);
      return this.#does(`remove ${keyName}`);
    },
  };

  #exportsOn(node: NodeId): readonly string[] {
    const places = [...(this.#options.exports?.keys() ?? [])];
    const here = places.filter((place) => place.startsWith(`${node} `));
    return here.map((place) => place.slice(place.lastIndexOf('/') + 1));
  }

  #start(daemon: StubDaemon): Promise<Reply<string>> {
    const name = `${daemon.side}-${daemon.component}-${++this.#count}`;
    this.log.push(`start ${name}`);
    this.#daemons.set(name, daemon);
    return this.#reply(name);
  }

  #ask(node: NodeId, name: string): TransferStatus | undefined {
    const known = this.#daemons.get(name);
    if (known === undefined || known.node !== node) return undefined;
    const daemon = { ...known, asked: known.asked + 1 };
    this.#daemons.set(name, daemon);
    return this.#options.status?.(daemon) ?? usual(daemon);
  }

  #does(line: string): Promise<Reply<void>> {
    this.log.push(line);
    return this.#reply(undefined);
  }

  #reply<T>(value: T | Reply<T>): Promise<Reply<T>> {
    const isReply = typeof value === 'object' && value !== null && 'ok' in value;
    return Promise.resolve(isReply ? value : answered(value));
  }
}

/** First a port, then a connection, then the end. */
function usual({ side, asked }: StubDaemon): TransferStatus {
  return {
    output: [],
    ...(side === 'receive' ? { port: 11_000 } : {}),
    ...(asked > 1 ? { connected: true } : {}),
    ...(asked > 2 ? { exitStatus: 0 } : {}),
  };
}
