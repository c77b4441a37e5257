/**
 * Exports and transfer daemons in memory. A daemon comes one step further each time that it is
 * asked: it listens, is connected, ends; one that is told to stop fails. What a test asks at the
 * end is `leftovers()`.
 */
import type { NodeId } from '../model/ids.js';
import type { CallOptions } from '../ports/call.js';
import type { NodeRpc } from '../ports/node-rpc.js';
import { answered, failed, type Reply, type ReplyFailed } from '../ports/reply.js';
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
    listExports: async (nodes, _request, call) => {
      const answers = nodes.map(
        async (id) => [id, await this.#answer(id, call, () => this.#exportsOn(id))] as const,
      );
      return new Map(await Promise.all(answers));
    },
    exportInfo: (node, { path }, call) =>
      this.#answer(node, call, () => {
        const text = this.#options.exports?.get(`${node} ${path}`);
        return text ?? failed(`no export in ${path}`);
      }),
    transferStatus: (node, { daemons }, call) =>
      this.#answer(node, call, () => daemons.map((name) => this.#ask(node, name))),
    startImport: (node, { into, options, component }, call) =>
      this.#start({ node, side: 'receive', component, end: into, options, asked: 0 }, call),
    startExport: (node, { from, options, component }, call) =>
      this.#start({ node, side: 'send', component, end: from, options, asked: 0 }, call),
    abortTransfer: (node, { daemon }, call) =>
      this.#does(node, call, `abort ${daemon}`, () => {
        const known = this.#daemons.get(daemon);
        if (known !== undefined) this.#daemons.set(daemon, { ...known, aborted: true });
      }),
    cleanTransfer: (node, { daemon }, call) =>
      this.#does(node, call, `clean ${daemon}`, () => void this.#daemons.delete(daemon)),
    createCertificate: (node, _request, call) =>
      this.#answer(node, call, () => {
        const keyName = `key-${++this.#count}`;
        this.#keys.add(keyName);
        return { keyName, certificate: this.#options.certificate ?? '' };
      }),
    removeCertificate: (node, { keyName }, call) =>
      this.#does(node, call, `remove ${keyName}`, () => void this.#keys.delete(keyName)),
  };

  #exportsOn(node: NodeId): readonly string[] {
    const places = [...(this.#options.exports?.keys() ?? [])];
    const here = places.filter((place) => place.startsWith(`${node} `));
    return here.map((place) => place.slice(place.lastIndexOf('/') + 1));
  }

  #start(daemon: StubDaemon, call: CallOptions | undefined): Promise<Reply<string>> {
    return this.#answer(daemon.node, call, () => {
      const name = `${daemon.side}-${daemon.component}-${++this.#count}`;
      this.log.push(`start ${name}`);
      this.#daemons.set(name, daemon);
      return name;
    });
  }

  #ask(node: NodeId, name: string): TransferStatus | undefined {
    const known = this.#daemons.get(name);
    if (known === undefined || known.node !== node) return undefined;
    const daemon = { ...known, asked: known.asked + 1 };
    this.#daemons.set(name, daemon);
    return this.#options.status?.(daemon) ?? usual(daemon);
  }

  #does(
    node: NodeId,
    call: CallOptions | undefined,
    line: string,
    effect: () => void,
  ): Promise<Reply<void>> {
    return this.#answer(node, call, () => {
      this.log.push(line);
      effect();
      return undefined;
    });
  }

  #answer<T>(
    node: NodeId,
    { signal }: CallOptions = {},
    work: () => T | ReplyFailed,
  ): Promise<Reply<T>> {
    const { nodes } = this.#options;
    if (nodes !== undefined && !nodes.includes(node)) {
      return Promise.resolve(failed(`node ${node} cannot be reached`, 'unreachable'));
    }
    if (signal?.aborted === true) {
      return Promise.resolve(failed('the call was cancelled', 'aborted'));
    }
    const value = work();
    return Promise.resolve(isFailure(value) ? value : answered(value));
  }
}

function isFailure<T>(value: T | ReplyFailed): value is ReplyFailed {
  return typeof value === 'object' && value !== null && 'ok' in value && value.ok === false;
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
