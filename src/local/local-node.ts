/**
 * This machine as a node: the node port without a daemon. Owns nothing itself; it hands each call
 * to the part that knows (disk files, OS definitions, hook directories, hypervisor drivers); moving
 * disks' contents is what it is built upon (`LocalTransfers`).
 *
 * N1 it is one node: calls for another one are answered `unreachable`, and nothing is done;
 * N2 every call ends, by its caller's limit or by the one of its kind;
 * N3 what can be expected to go wrong is an answer; only a defect of ours is thrown;
 * N4 a guest is given regular files below this node's storage directories, and nothing else;
 * N5 a command in an outdated right is refused, where several processes share the locks.
 */
import { whereOf } from '../model/disk.js';
import type { HookNodes } from '../ports/hook-node.js';
import type { NodeRpc } from '../ports/node-rpc.js';
import { answered, failed } from '../ports/reply.js';
import { diskFlaw } from './disk-check.js';
import { HookDirectories } from './hook-dirs/hook-directories.js';
import { Drivers } from './hypervisors/drivers.js';
import { type LocalNodeOptions, marksDirOf, scriptOptions } from './local-node-options.js';
import { missingBridges } from './node-facts/bridges.js';
import { nodeFacts } from './node-facts/node-facts.js';
import { LIMITS_MS, type OneNode, onAnswer, oneNode } from './one-node.js';
import { OsDefinitions } from './os/os-definitions.js';
import { makePrivateDirectory } from './private-directory.js';
import { removeStalePipes } from './process/pipes.js';
import { endOrphans } from './process/run-mark.js';
import { FileStorage } from './storage/file-storage.js';
import { LocalTransfers } from './transfers/local-transfers.js';

/**
 * The node on which this process runs.
 * @public
 */
export class LocalNode extends LocalTransfers implements NodeRpc, HookNodes {
  readonly #options: LocalNodeOptions;
  readonly #me: OneNode;
  readonly #storage: FileStorage;
  readonly #os: OsDefinitions;
  readonly #hooks: HookDirectories;
  readonly #drivers: Drivers;

  /** Touches nothing yet. Throws `PrereqError` `wrong_input` for a bad directory. */
  constructor(options: LocalNodeOptions) {
    const me = oneNode(options);
    super(options, me);
    const { allocation = 'sparse', clock, hooksDir, hypervisors, name, storageRoots } = options;
    this.#options = options;
    this.#me = me;
    this.#storage = new FileStorage({ roots: storageRoots, allocation, clock });
    this.#drivers = new Drivers(name, hypervisors);
    this.#os = new OsDefinitions(scriptOptions(options));
    this.#hooks = new HookDirectories({ base: hooksDir, clock, marksDir: marksDirOf(options) });
  }

  /**
   * Makes the directories that the node works in, readable by their owner only, and ends scripts
   * that went on when the process was killed that had started them. To be called once, before
   * everything else, recovery included. Throws `PrereqError` `environment_error` naming a directory
   * that cannot be made or written, or a script that cannot be ended.
   */
  async prepare(): Promise<void> {
    const { clock, exportDir, hypervisors, logDir, storageRoots } = this.#options;
    for (const path of [storageRoots.file, storageRoots.sharedfile, exportDir, logDir]) {
      if (path !== undefined) await makePrivateDirectory(path);
    }
    for (const driver of hypervisors) await driver.prepare();
    await endOrphans(marksDirOf(this.#options), clock);
    await removeStalePipes();
  }

  /** Memory and processors of this machine, space of its storage directories. */
  readonly nodeInfo: NodeRpc['nodeInfo'] = (nodes, request, call) => {
    const doing = 'the state of the machine cannot be told';
    return this.#me.answers(nodes, { doing, kind: 'question', limit: 'lookUp' }, call, async () => {
      const known =
        request.hypervisor === undefined ? undefined : this.#drivers.find(request.hypervisor);
      if (known?.ok === false) return known;
      return nodeFacts(request.storage, this.#options);
    });
  };

  /** Whether the driver could run an instance with these parameters. */
  readonly validateHypervisor: NodeRpc['validateHypervisor'] = (nodes, request, call) => {
    const { hypervisor, params } = request;
    const doing = `hypervisor '${hypervisor}' cannot be asked about parameters`;
    return this.#me.answers(nodes, { doing, kind: 'question', limit: 'check' }, call, (mine) =>
      this.#drivers.drive(hypervisor, (driver) => driver.validate(params, mine)),
    );
  };

  /** Whether there is such an OS definition, and it takes the parameters. */
  readonly validateOs: NodeRpc['validateOs'] = (nodes, request, call) => {
    const doing = `OS '${request.os}' cannot be checked`;
    // A script may be run, which is not to be left behind.
    return this.#me.answers(nodes, { doing, kind: 'command', limit: 'check' }, call, (mine) =>
      this.#os.validateOs(request, mine),
    );
  };

  /** An OS definition, by name without variant. */
  readonly findOs: NodeRpc['findOs'] = (node, request, call) => {
    const doing = `OS '${request.os}' cannot be looked up`;
    return this.#me.answer(node, { doing, kind: 'question', limit: 'lookUp' }, call, () =>
      this.#os.findOs(request),
    );
  };

  /** Whether this machine has all the bridges; the failure names those that it has not. */
  readonly bridgesExist: NodeRpc['bridgesExist'] = (node, { bridges }, call) => {
    const doing = 'bridges cannot be looked up';
    return this.#me.answer(node, { doing, kind: 'question', limit: 'lookUp' }, call, async () => {
      const missing = await missingBridges(bridges, this.#options.devicesDir);
      if (missing.length === 0) return answered(undefined);
      const names = missing.map((name) => `'${name}'`).join(', ');
      return failed(`node '${this.#options.name}' has no bridge ${names}; make it or name another`);
    });
  };

  /** What the driver knows of an instance. */
  readonly instanceStatus: NodeRpc['instanceStatus'] = (node, { name, hypervisor }, call) => {
    const doing = `the state of instance '${name}' cannot be told`;
    return this.#me.answer(node, { doing, kind: 'question', limit: 'lookUp' }, call, (mine) =>
      this.#drivers.drive(hypervisor, (driver) => driver.status(name, mine)),
    );
  };

  /** What runs in the hypervisors asked for, by name. */
  readonly runningInstances: NodeRpc['runningInstances'] = (node, { hypervisors }, call) => {
    const doing = 'running instances cannot be listed';
    return this.#me.answer(node, { doing, kind: 'question', limit: 'lookUp' }, call, (mine) =>
      this.#drivers.running(hypervisors, mine),
    );
  };

  /** Makes a directory below a storage directory. */
  readonly createStorageDir: NodeRpc['createStorageDir'] = (node, request, call) => {
    const doing = `storage directory '${request.path}' cannot be made`;
    return this.#me.answer(node, { doing, kind: 'command', limit: 'check' }, call, (mine) =>
      this.#storage.createStorageDir(request, mine),
    );
  };

  /** Removes a directory below a storage directory if it is empty. */
  readonly removeStorageDir: NodeRpc['removeStorageDir'] = (node, request, call) => {
    const doing = `storage directory '${request.path}' cannot be removed`;
    return this.#me.answer(node, { doing, kind: 'command', limit: 'check' }, call, (mine) =>
      this.#storage.removeStorageDir(request, mine),
    );
  };

  /** Makes a disk's file. */
  readonly createDisk: NodeRpc['createDisk'] = (node, request, call) => {
    const doing = `disk '${whereOf(request.disk.location)}' cannot be made`;
    return this.#me.answer(node, { doing, kind: 'command', limit: 'disk' }, call, (mine) =>
      this.#storage.createDisk(request, mine),
    );
  };

  /** Fills a disk's file with zeros. */
  readonly wipeDisk: NodeRpc['wipeDisk'] = (node, request, call) => {
    const doing = `disk '${whereOf(request.disk.location)}' cannot be wiped`;
    return this.#me.answer(node, { doing, kind: 'command', limit: 'disk' }, call, (mine) =>
      this.#storage.wipeDisk(request, mine),
    );
  };

  /** Writes an image file of this machine to a disk. */
  override readonly imageDisk: NodeRpc['imageDisk'] = (node, request, call) => {
    const doing = `an image cannot be written to disk '${whereOf(request.disk.location)}'`;
    return this.#me.answer(node, { doing, kind: 'command', limit: 'disk' }, call, (mine) =>
      this.#storage.imageDisk(request, mine),
    );
  };

  /** Files are copied while nobody writes to them. */
  readonly copiesFiles = true;

  /** Copies a disk's file. Refused while the guest runs, which may write to it meanwhile. */
  override readonly snapshotDisk: NodeRpc['snapshotDisk'] = (node, request, call) => {
    const { hypervisor, instance } = request.runtime;
    const doing = `disk '${whereOf(request.disk.location)}' cannot be copied`;
    return this.#me.answer(node, { doing, kind: 'command', limit: 'disk' }, call, async (mine) => {
      const { name } = instance;
      const guest = await this.#drivers.drive(hypervisor, (driver) => driver.status(name, mine));
      if (!guest.ok) return guest;
      if (guest.payload === undefined) return this.#storage.snapshotDisk(request, mine);
      return failed(`${doing}: '${name}' runs and may write to it meanwhile; stop it first`);
    });
  };

  /** Files have no mirrors: they are in sync if they are there. */
  override readonly mirrorStatus: NodeRpc['mirrorStatus'] = (node, { disks }, call) => {
    const doing = 'the state of disks cannot be told';
    return this.#me.answer(node, { doing, kind: 'question', limit: 'lookUp' }, call, async (mine) =>
      onAnswer(await this.#storage.findDisks(disks, mine), () =>
        disks.map(() => ({ degraded: false })),
      ),
    );
  };

  /** There is nothing to pause. */
  override readonly pauseSync: NodeRpc['pauseSync'] = (node, { disks }, call) => {
    const doing = 'mirrors cannot be paused';
    return this.#me.answer(node, { doing, kind: 'question', limit: 'lookUp' }, call, async () =>
      answered(disks.map(() => true)),
    );
  };

  /** A file is usable as it is. */
  override readonly assembleDisk: NodeRpc['assembleDisk'] = (node, { disk }, call) => {
    const doing = `disk '${whereOf(disk.location)}' cannot be used`;
    return this.#me.answer(node, { doing, kind: 'question', limit: 'lookUp' }, call, async (mine) =>
      onAnswer(await this.#storage.findDisks([disk], mine), ([path = '']) => path),
    );
  };

  /** Nothing was done to make it usable, so nothing has to be undone. */
  override readonly shutdownDisk: NodeRpc['shutdownDisk'] = (node, _request, call) => {
    const doing = 'a disk cannot be given back';
    return this.#me.answer(node, { doing, kind: 'question', limit: 'lookUp' }, call, async () =>
      answered(undefined),
    );
  };

  /** There is no metadata service here that would have to know. */
  override readonly publishMetadata: NodeRpc['publishMetadata'] = (node, _request, call) => {
    const doing = 'metadata cannot be published';
    return this.#me.answer(node, { doing, kind: 'question', limit: 'lookUp' }, call, async () =>
      answered(undefined),
    );
  };

  /** Removes a disk's file. */
  readonly removeDisk: NodeRpc['removeDisk'] = (node, request, call) => {
    const doing = `disk '${whereOf(request.disk.location)}' cannot be removed`;
    return this.#me.answer(node, { doing, kind: 'command', limit: 'work' }, call, (mine) =>
      this.#storage.removeDisk(request, mine),
    );
  };

  /** Runs the OS's create script. */
  readonly installOs: NodeRpc['installOs'] = (node, request, call) => {
    const doing = `the OS of instance '${request.runtime.instance.name}' cannot be installed`;
    return this.#me.answer(node, { doing, kind: 'command', limit: 'disk' }, call, (mine) =>
      this.#os.installOs(request, mine),
    );
  };

  /** Runs the OS's rename script. */
  readonly renameOs: NodeRpc['renameOs'] = (node, request, call) => {
    const doing = `the OS of instance '${request.runtime.instance.name}' cannot be renamed`;
    return this.#me.answer(node, { doing, kind: 'command', limit: 'disk' }, call, (mine) =>
      this.#os.renameOs(request, mine),
    );
  };

  /** Takes a last look at the disks, then starts the guest. */
  readonly startInstance: NodeRpc['startInstance'] = (node, request, call) => {
    const { disks, hypervisor, instance } = request.runtime;
    const doing = `instance '${instance.name}' cannot be started`;
    return this.#me.answer(node, { doing, kind: 'command', limit: 'work' }, call, async (mine) => {
      const flaw = await diskFlaw(disks, this.#options.storageRoots);
      if (flaw !== undefined) return failed(`${doing}: ${flaw}`);
      return this.#drivers.drive(hypervisor, (driver) => driver.start(request, mine));
    });
  };

  /** Stops the guest. Without a limit of its own the call may take the time of grace and more. */
  readonly stopInstance: NodeRpc['stopInstance'] = (node, request, call) => {
    const doing = `instance '${request.name}' cannot be stopped`;
    const timeoutMs = request.graceMs + LIMITS_MS.work;
    const limited = { timeoutMs, ...call };
    return this.#me.answer(node, { doing, kind: 'command', limit: 'work' }, limited, (mine) =>
      this.#drivers.drive(request.hypervisor, (driver) => driver.stop(request, mine)),
    );
  };

  /** Runs this machine's hook scripts. */
  readonly runHooks: HookNodes['runHooks'] = (nodes, request, call) => {
    const doing = `hooks '${request.path}' cannot be run`;
    return this.#me.answers(nodes, { doing, kind: 'command', limit: 'work' }, call, (mine) =>
      this.#hooks.run(request, mine),
    );
  };
}
