/**
 * Transfers of this machine: the part of the node port that moves disks' contents. Daemons live in
 * this process and are known by name until they are cleaned up; with the process they die, and what
 * programs they had started is found by its marks.
 */
import type { Clock } from '../../ports/clock.js';
import { LimitedNodeRpc } from '../../ports/limited-node-rpc.js';
import type { NodeRpc } from '../../ports/node-rpc.js';
import { answered, type Reply } from '../../ports/reply.js';
import { DEFAULT_SITE } from '../../ports/site.js';
import type { TransferStart } from '../../ports/transfer.js';
import type { LocalCall } from '../hypervisors/local-hypervisor.js';
import { type LocalNodeOptions, scriptOptions } from '../local-node-options.js';
import type { NodeCall, OneNode } from '../one-node.js';
import { AllowedRoots } from '../paths/roots.js';
import { attempt } from '../storage/attempt.js';
import { DiskPlaces } from '../storage/disk-places.js';
import { compressionOf } from './compression.js';
import type { Daemon } from './daemon.js';
import type { EndTools } from './end.js';
import { openSink, openSource } from './ends.js';
import { exportInfo, listExports } from './exports.js';
import { finishExport, removeExport } from './finish-export.js';
import { NodeKeys } from './node-keys.js';
import { startReceiver } from './receive.js';
import { startSender } from './send.js';
import { UniqueNames } from './unique-names.js';

/**
 * A node that moves disks' contents, and nothing else.
 * @public
 */
export class LocalTransfers extends LimitedNodeRpc {
  readonly #me: OneNode;
  readonly #tools: EndTools;
  readonly #clock: Clock;
  readonly #keys: NodeKeys;
  readonly #names: UniqueNames;
  readonly #daemons = new Map<string, Daemon>();

  /**
   * `me`: the frame that all calls to the node share. Throws `PrereqError` `wrong_input` for a
   * directory that cannot be one of exports, or disks.
   * @internal
   */
  constructor(options: LocalNodeOptions, me: OneNode) {
    super();
    const { clock, exportDir = DEFAULT_SITE.exportDir, storageRoots } = options;
    this.#me = me;
    this.#tools = {
      exports: new AllowedRoots([exportDir], 'directory of exports'),
      disks: new DiskPlaces(storageRoots),
      scripts: scriptOptions(options),
    };
    this.#clock = clock;
    this.#keys = new NodeKeys(clock);
    this.#names = new UniqueNames(clock);
  }

  /** Descriptions are handed to it. */
  readonly wantsDescription = true;

  /** Directories of exports that have a description, and those that are not whole yet. */
  override readonly listExports: NodeRpc['listExports'] = (nodes, _request, call) => {
    const about = { doing: 'exports cannot be listed', kind: 'question', limit: 'lookUp' } as const;
    return this.#me.answers(nodes, about, call, () =>
      this.#try(about, {}, () => listExports(this.#tools.exports)),
    );
  };

  /** The description of an export. */
  override readonly exportInfo: NodeRpc['exportInfo'] = (node, { path }, call) => {
    const doing = `export ${JSON.stringify(path)} cannot be read`;
    const about = { doing, kind: 'question', limit: 'lookUp' } as const;
    return this.#me.answer(node, about, call, (mine) =>
      this.#try(about, mine, () => exportInfo(path, this.#tools.exports)),
    );
  };

  /** How far transfers have come. */
  override readonly transferStatus: NodeRpc['transferStatus'] = (node, { daemons }, call) => {
    const doing = 'the state of transfers cannot be told';
    return this.#me.answer(node, { doing, kind: 'question', limit: 'lookUp' }, call, async () =>
      answered(daemons.map((name) => this.#daemons.get(name)?.status())),
    );
  };

  /** Receives into a file, a disk, or an import script. The port is known at once. */
  override readonly startImport: NodeRpc['startImport'] = (node, request, call) => {
    const { into, runtime, component, options } = request;
    const doing = `${printableStart(request)} cannot be received`;
    return this.#start(node, doing, `import-${component}`, call, async () => {
      const compression = compressionOf(options.compress, this.#tools.scripts);
      const identity = this.#keys.identity(options.keyName, options.authority);
      const sink = await openSink(into, { runtime, component }, this.#tools);
      return startReceiver({ options, sink, compression, identity, clock: this.#clock });
    });
  };

  /** Sends a file, a disk, or what an export script writes. */
  override readonly startExport: NodeRpc['startExport'] = (node, request, call) => {
    const { from, runtime, component, options, host, port } = request;
    const doing = `${printableStart(request)} cannot be sent`;
    return this.#start(node, doing, `export-${component}`, call, async () => {
      const compression = compressionOf(options.compress, this.#tools.scripts);
      const identity = this.#keys.identity(options.keyName, options.authority);
      const source = await openSource(from, { runtime, component }, this.#tools);
      const target = { host, port, identity };
      return startSender({ options, source, compression, target, clock: this.#clock });
    });
  };

  /** Tells a transfer to stop. */
  override readonly abortTransfer: NodeRpc['abortTransfer'] = (node, { daemon }, call) => {
    const doing = `transfer ${daemon} cannot be stopped`;
    return this.#me.answer(node, { doing, kind: 'question', limit: 'lookUp' }, call, async () => {
      this.#daemons.get(daemon)?.abort();
      return answered(undefined);
    });
  };

  /** Ends a transfer, and waits until nothing of it is left. */
  override readonly cleanTransfer: NodeRpc['cleanTransfer'] = (node, { daemon }, call) => {
    const doing = `transfer ${daemon} cannot be ended`;
    return this.#me.answer(node, { doing, kind: 'command', limit: 'work' }, call, async () => {
      await this.#daemons.get(daemon)?.end();
      this.#daemons.delete(daemon);
      return answered(undefined);
    });
  };

  /** Gives what was received a description and the instance's name; the older export goes. */
  override readonly finalizeExport: NodeRpc['finalizeExport'] = (node, request, call) => {
    const { runtime, disks, description } = request;
    const instanceName = runtime.instance.name;
    const doing = `the export of instance '${instanceName}' cannot be finished`;
    const about = { doing, kind: 'command', limit: 'work' } as const;
    const received = { instanceName, dumps: disks.map(({ id }) => id), description };
    return this.#me.answer(node, about, call, (mine) =>
      this.#try(about, mine, (check) => finishExport(received, this.#tools.exports, check)),
    );
  };

  /** Removes an export, whole or not. */
  override readonly removeExport: NodeRpc['removeExport'] = (node, { name }, call) => {
    const doing = `export ${JSON.stringify(name)} cannot be removed`;
    const about = { doing, kind: 'command', limit: 'work' } as const;
    return this.#me.answer(node, about, call, (mine) =>
      this.#try(about, mine, () => removeExport(name, this.#tools.exports)),
    );
  };

  /** Makes a key, which never leaves this process, and a certificate. */
  override readonly createCertificate: NodeRpc['createCertificate'] = (
    node,
    { validityS },
    call,
  ) => {
    const about = { doing: 'a key cannot be made', kind: 'command', limit: 'check' } as const;
    return this.#me.answer(node, about, call, (mine) =>
      this.#try(about, mine, () => this.#keys.create(validityS)),
    );
  };

  /** Forgets a key. */
  override readonly removeCertificate: NodeRpc['removeCertificate'] = (node, { keyName }, call) => {
    const doing = `key ${keyName} cannot be removed`;
    return this.#me.answer(node, { doing, kind: 'command', limit: 'lookUp' }, call, async () => {
      this.#keys.remove(keyName);
      return answered(undefined);
    });
  };

  /** A daemon that was started too late for its caller is ended. */
  #start(
    node: Parameters<NodeRpc['startImport']>[0],
    doing: string,
    prefix: string,
    call: Parameters<NodeRpc['startImport']>[2],
    start: () => Promise<Daemon>,
  ): Promise<Reply<string>> {
    const about = { doing, kind: 'command', limit: 'check' } as const;
    return this.#me.answer(node, about, call, (mine) =>
      this.#try(about, mine, async (check) => {
        const daemon = await start();
        try {
          check();
        } catch (error) {
          await daemon.end();
          throw error;
        }
        const name = this.#names.next(prefix);
        this.#daemons.set(name, daemon);
        return name;
      }),
    );
  }

  #try<T>(
    { doing }: Pick<NodeCall, 'doing'>,
    call: Partial<LocalCall>,
    work: (check: () => void) => Promise<T>,
  ): Promise<Reply<T>> {
    const limits = { ...call, clock: this.#clock };
    return attempt(doing, limits, (limit) => work(() => limit.check()));
  }
}

function printableStart({ runtime, component }: TransferStart): string {
  return `'${component}' of instance '${runtime.instance.name}'`;
}
