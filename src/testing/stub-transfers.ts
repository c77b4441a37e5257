/**
 * Exports and transfer daemons in memory. A daemon comes one step further each time that it is
 * asked: it listens, is connected, ends; one that is told to stop fails. What a test asks at the
 * end is `leftovers()`.
 */
import type { NodeId } from '../model/ids.js';
import type { CallOptions } from '../ports/call.js';
import type { ExportTraits } from '../ports/exports.js';
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
  /** Whether it was told to stop before it had ended. */
  readonly aborted?: boolean;
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
  /** The nodes that there are; all if not given. Calls for others do not reach any. */
  readonly nodes?: readonly NodeId[];
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

  /** Puts an export on a node, by node and absolute path as in `exports`. */
  putExport(place: string, description: string): void {
    this.#exports.put(place, description);
  }

  /** Daemons and keys that nobody has cleaned up, and exports that are not whole. */
  leftovers(): readonly string[] {
    return [...this.#daemons.keys(), ...this.#keys, ...this.#exports.partial].sort();
  }

  /** The calls, and that descriptions have to be brought along. */
  readonly calls: Pick<NodeRpc, TransferCall> & Pick<ExportTraits, 'wantsDescription'> = {
    wantsDescription: true,
    listExports: async (nodes, _request, call) => {
      const answers = nodes.map(async (id) => {
        const reply = await this.#answer('listExports', id, call, () => this.#exports.on(id));
        return [id, reply] as const;
      });
      return new Map(await Promise.all(answers));
    },
    exportInfo: (node, { path }, call) =>
      this.#answer('exportInfo', node, call, () => {
        const text = this.#exports.descriptions.get(`${node} ${path}`);
        return text ?? new StubRefusal(`no export in ${path}`);
      }),
    transferStatus: (node, { daemons }, call) =>
      this.#answer('transferStatus', node, call, () =>
        daemons.map((name) => this.#ask(node, name)),
      ),
    startImport: (node, { into, options, component }, call) => {
      const daemon = { node, side: 'receive', component, end: into, options, asked: 0 } as const;
      return this.#answer('startImport', node, call, () => this.#start(daemon));
    },
    startExport: (node, { from, options, component }, call) => {
      const daemon = { node, side: 'send', component, end: from, options, asked: 0 } as const;
      return this.#answer('startExport', node, call, () => this.#start(daemon));
    },
    abortTransfer: (node, { daemon }, call) =>
      this.#answer('abortTransfer', node, call, () => {
        const known = this.#daemons.get(daemon);
        if (known !== undefined) this.#daemons.set(daemon, { ...known, aborted: true });
        return this.#tell(`abort ${daemon}`);
      }),
    cleanTransfer: (node, { daemon }, call) =>
      this.#answer('cleanTransfer', node, call, () => {
        this.#daemons.delete(daemon);
        return this.#tell(`clean ${daemon}`);
      }),
    createCertificate: (node, _request, call) =>
      this.#answer('createCertificate', node, call, () => {
        const keyName = `key-${++this.#count}`;
        this.#keys.add(keyName);
        return { keyName, certificate: this.#options.certificate ?? '' };
      }),
    removeCertificate: (node, { keyName }, call) =>
      this.#answer('removeCertificate', node, call, () => {
        this.#keys.delete(keyName);
        return this.#tell(`remove ${keyName}`);
      }),
    finalizeExport: (node, { runtime: { instance }, description }, call) =>
      this.#answer('finalizeExport', node, call, () => {
        this.#tell(`finalize ${instance.name} on ${node}`);
        return this.#exports.finalize(node, instance.name, description);
      }),
    removeExport: (node, { name }, call) =>
      this.#answer('removeExport', node, call, () => {
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

  #answer<T>(
    method: TransferCall,
    node: NodeId,
    { signal }: CallOptions = {},
    work: () => T | StubRefusal,
  ): Promise<Reply<T>> {
    const { nodes } = this.#options;
    if (nodes !== undefined && !nodes.includes(node)) {
      return Promise.resolve(failed(`node ${node} cannot be reached`, 'unreachable'));
    }
    if (signal?.aborted === true) {
      return Promise.resolve(failed('the call was cancelled', 'aborted'));
    }
    const fault = this.faults.next(method, node);
    const refusal = failed(fault?.message ?? `${method} was made to fail`, fault?.failure);
    if (fault !== undefined && fault.kind !== 'after') return Promise.resolve(refusal);
    const value = work();
    if (value instanceof StubRefusal) return Promise.resolve(failed(value.message, value.failure));
    return Promise.resolve(fault === undefined ? answered(value) : refusal);
  }
}

/** First a port, then a connection, then the end. */
function usual({ side, asked, aborted }: StubDaemon): TransferStatus {
  const common = { output: [], ...(side === 'receive' ? { port: 11_000 } : {}) };
  if (aborted === true) return { ...common, exitStatus: 1, error: 'it was told to stop' };
  return {
    ...common,
    ...(asked > 1 ? { connected: true } : {}),
    ...(asked > 2 ? { exitStatus: 0 } : {}),
  };
}
