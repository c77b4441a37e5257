/**
 * Exports and transfer daemons in memory. A daemon comes one step further each time that it is
 * asked: it listens, is connected, ends. What a test asks at the end is `leftovers()`.
 */
import type { NodeId } from '../model/ids.js';
import type { NodeRpc } from '../ports/node-rpc.js';
import { answered, failed, type Reply } from '../ports/reply.js';
import type { TransferEnd, TransferOptions, TransferStatus } from '../ports/transfer.js';
import { FaultPlan } from './faults.js';
import { StubRefusal } from './stub-answers.js';
import { StubExports } from './stub-exports.js';

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
  | 'removeCertificate'
  | 'finalizeExport'
  | 'removeExport';

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
  /** Which calls go wrong; nodes are known by their ids. Calls do not hang. */
  readonly faults: FaultPlan = new FaultPlan();
  readonly #options: StubTransfersOptions;
  readonly #daemons = new Map<string, StubDaemon>();
  readonly #keys = new Set<string>();
  readonly #exports: StubExports;
  #count = 0;

  constructor(options: StubTransfersOptions = {}) {
    this.#options = options;
    this.#exports = new StubExports(options.exports);
  }

  /** Descriptions of the exports that are there now, by node and absolute path. */
  get exports(): ReadonlyMap<string, string> {
    return this.#exports.descriptions;
  }

  /** Daemons and keys that nobody has cleaned up, and exports that are not whole. */
  leftovers(): readonly string[] {
    return [...this.#daemons.keys(), ...this.#keys, ...this.#exports.partial].sort();
  }

  /** The calls. */
  readonly calls: Pick<NodeRpc, TransferCall> = {
    listExports: (nodes) =>
      Promise.resolve(new Map(nodes.map((id) => [id, answered(this.#exports.on(id))]))),
    exportInfo: (node, { path }) =>
      this.#one('exportInfo', node, () => {
        const text = this.#exports.descriptions.get(`${node} ${path}`);
        return text ?? new StubRefusal(`no export in ${path}`);
      }),
    transferStatus: (node, { daemons }) =>
      this.#one('transferStatus', node, () => daemons.map((name) => this.#ask(node, name))),
    startImport: (node, { into, options, component }) => {
      const daemon = { node, side: 'receive', component, end: into, options, asked: 0 } as const;
      return this.#one('startImport', node, () => this.#start(daemon));
    },
    startExport: (node, { from, options, component }) => {
      const daemon = { node, side: 'send', component, end: from, options, asked: 0 } as const;
      return this.#one('startExport', node, () => this.#start(daemon));
    },
    abortTransfer: (node, { daemon }) =>
      this.#one('abortTransfer', node, () => this.#tell(`abort ${daemon}`)),
    cleanTransfer: (node, { daemon }) =>
      this.#one('cleanTransfer', node, () => {
        this.#daemons.delete(daemon);
        return this.#tell(`clean ${daemon}`);
      }),
    createCertificate: (node) =>
      this.#one('createCertificate', node, () => {
        const keyName = `key-${++this.#count}`;
        this.#keys.add(keyName);
        return { keyName, certificate: this.#options.certificate ?? '' };
      }),
    removeCertificate: (node, { keyName }) =>
      this.#one('removeCertificate', node, () => {
        this.#keys.delete(keyName);
        return this.#tell(`remove ${keyName}`);
      }),
    finalizeExport: (node, { runtime: { instance }, description }) =>
      this.#one('finalizeExport', node, () => {
        this.#tell(`finalize ${instance.name} on ${node}`);
        return this.#exports.finalize(node, instance.name, description);
      }),
    removeExport: (node, { name }) =>
      this.#one('removeExport', node, () => {
        this.#tell(`remove export ${name} on ${node}`);
        return this.#exports.remove(node, name);
      }),
  };

  #start(daemon: StubDaemon): string {
    const name = `${daemon.side}-${daemon.component}-${++this.#count}`;
    this.#tell(`start ${name}`);
    this.#daemons.set(name, daemon);
    if (daemon.side === 'receive') this.#exports.receive(daemon.node, daemon.end);
    return name;
  }

  #ask(node: NodeId, name: string): TransferStatus | undefined {
    const known = this.#daemons.get(name);
    if (known === undefined || known.node !== node) return undefined;
    const daemon = { ...known, asked: known.asked + 1 };
    this.#daemons.set(name, daemon);
    return this.#options.status?.(daemon) ?? usual(daemon);
  }

  #tell(line: string): undefined {
    this.log.push(line);
  }

  #one<T>(method: TransferCall, node: NodeId, work: () => T | StubRefusal): Promise<Reply<T>> {
    const fault = this.faults.next(method, node);
    const refusal = failed(fault?.message ?? `${method} was made to fail`, fault?.failure);
    if (fault !== undefined && fault.kind !== 'after') return Promise.resolve(refusal);
    const value = work();
    if (value instanceof StubRefusal) return Promise.resolve(failed(value.message, value.failure));
    return Promise.resolve(fault === undefined ? answered(value) : refusal);
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
