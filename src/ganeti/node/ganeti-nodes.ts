/**
 * Ganeti's node daemons as nodes: each domain call is one procedure call. How calls travel is the
 * transport's business; what they say is written in the files beside this one, by family.
 *
 * The daemon has no place for the fence of a call, and would not look at it: where several
 * processes share the locks, a command that arrives too late is carried out.
 */
import type { ConfigReader } from '../../ports/config-store.js';
import type { HookNodes } from '../../ports/hook-node.js';
import type { NodeRpc } from '../../ports/node-rpc.js';
import type { OpcodeJob } from '../opcode/params.js';
import { NodeCaller } from './caller.js';
import { diskCalls } from './disk-calls.js';
import { exportCalls } from './export-calls.js';
import { hookCalls } from './hook-calls.js';
import { nodeCalls } from './node-calls.js';
import { osCalls } from './os-calls.js';
import { powerCalls } from './power-calls.js';
import { storageCalls } from './storage-calls.js';
import { transferCalls } from './transfer-calls.js';
import type { NodeTransport } from './transport.js';

/**
 * What {@link GanetiNodes} needs.
 * @public
 */
export interface GanetiNodesOptions {
  /** Carries the calls. */
  readonly transport: NodeTransport;
  /** Nodes' names and addresses, and what parameters are filled from. */
  readonly config: ConfigReader;
  /** What is said of the job that calls are made for: how much OS scripts tell, and why it is. */
  readonly job?: Pick<OpcodeJob, 'debugLevel' | 'reason'>;
  /**
   * Whether it is looked which directories are missing before some are made; true if not given.
   * Daemons do not tell what they made, and what is not known cannot be taken back. Ganeti's own
   * master does not look.
   */
  readonly looksBefore?: boolean;
}

/**
 * Ganeti's node daemons. Every call is one procedure call, with the time limit of its kind unless
 * the caller gives one; an answer that cannot be understood is a failed reply.
 * @public
 */
export class GanetiNodes implements NodeRpc, HookNodes {
  /** Nodes marked offline are part of calls; the transport answers for them. */
  readonly seesOffline = true;
  /** Memory, processors and space of nodes. */
  readonly nodeInfo: NodeRpc['nodeInfo'];
  /** Whether nodes accept hypervisor parameters. */
  readonly validateHypervisor: NodeRpc['validateHypervisor'];
  /** Whether bridges exist. */
  readonly bridgesExist: NodeRpc['bridgesExist'];
  /** An instance's state. */
  readonly instanceStatus: NodeRpc['instanceStatus'];
  /** What runs on nodes. */
  readonly allInstances: NodeRpc['allInstances'];
  /** Names of the instances that run. */
  readonly runningInstances: NodeRpc['runningInstances'];
  /** Volume groups and their sizes. */
  readonly volumeGroups: NodeRpc['volumeGroups'];
  /** Logical volumes. */
  readonly volumes: NodeRpc['volumes'];
  /** Sizes of block devices. */
  readonly deviceSizes: NodeRpc['deviceSizes'];
  /** A file on a node. */
  readonly fileFacts: NodeRpc['fileFacts'];
  /** Makes a directory, and what is missing above it. */
  readonly createStorageDir: NodeRpc['createStorageDir'];
  /** Removes an empty directory. */
  readonly removeStorageDir: NodeRpc['removeStorageDir'];
  /** Makes a disk or a part of one. */
  readonly createDisk: NodeRpc['createDisk'];
  /** Overwrites a disk with zeros. */
  readonly wipeDisk: NodeRpc['wipeDisk'];
  /** Writes an image onto a disk. */
  readonly imageDisk: NodeRpc['imageDisk'];
  /** Renames logical volumes. */
  readonly renameVolumes: NodeRpc['renameVolumes'];
  /** Makes a disk usable. */
  readonly assembleDisk: NodeRpc['assembleDisk'];
  /** Gives a disk back. */
  readonly shutdownDisk: NodeRpc['shutdownDisk'];
  /** Removes a disk or a part of one. */
  readonly removeDisk: NodeRpc['removeDisk'];
  /** State of disks' mirrors; what a node does not know counts as in order. */
  readonly mirrorStatus: NodeRpc['mirrorStatus'];
  /** Pauses or resumes the syncing of mirrors. */
  readonly pauseSync: NodeRpc['pauseSync'];
  /** Whether nodes have an OS that accepts the parameters. */
  readonly validateOs: NodeRpc['validateOs'];
  /** An OS definition. */
  readonly findOs: NodeRpc['findOs'];
  /** Runs an OS's create script. */
  readonly installOs: NodeRpc['installOs'];
  /** Runs an OS's rename script. */
  readonly renameOs: NodeRpc['renameOs'];
  /** Packs an OS definition's scripts. */
  readonly exportOs: NodeRpc['exportOs'];
  /** Tells the metadata service about an instance. */
  readonly publishMetadata: NodeRpc['publishMetadata'];
  /** Starts an instance. */
  readonly startInstance: NodeRpc['startInstance'];
  /** Stops an instance; without `runtime` one that the configuration knows. */
  readonly stopInstance: NodeRpc['stopInstance'];
  /** Names of exports. */
  readonly listExports: NodeRpc['listExports'];
  /** The description of an export. */
  readonly exportInfo: NodeRpc['exportInfo'];
  /** State of transfer daemons. */
  readonly transferStatus: NodeRpc['transferStatus'];
  /** Starts a daemon that receives. */
  readonly startImport: NodeRpc['startImport'];
  /** Starts a daemon that sends. */
  readonly startExport: NodeRpc['startExport'];
  /** Tells a daemon to stop. */
  readonly abortTransfer: NodeRpc['abortTransfer'];
  /** Ends a daemon and cleans up after it. */
  readonly cleanTransfer: NodeRpc['cleanTransfer'];
  /** Makes a key and a certificate. */
  readonly createCertificate: NodeRpc['createCertificate'];
  /** Removes a key and its certificate. */
  readonly removeCertificate: NodeRpc['removeCertificate'];
  /** Copies a disk. */
  readonly snapshotDisk: NodeRpc['snapshotDisk'];
  /** Makes an export whole; daemons write the description themselves. */
  readonly finalizeExport: NodeRpc['finalizeExport'];
  /** Removes an export. */
  readonly removeExport: NodeRpc['removeExport'];
  /** Runs hook scripts. */
  readonly runHooks: HookNodes['runHooks'];

  constructor(options: GanetiNodesOptions) {
    const caller = new NodeCaller(options);
    const node = nodeCalls(caller);
    this.nodeInfo = node.nodeInfo;
    this.validateHypervisor = node.validateHypervisor;
    this.bridgesExist = node.bridgesExist;
    this.instanceStatus = node.instanceStatus;
    this.allInstances = node.allInstances;
    this.runningInstances = node.runningInstances;
    const storage = storageCalls(caller, options.looksBefore ?? true);
    this.volumeGroups = storage.volumeGroups;
    this.volumes = storage.volumes;
    this.deviceSizes = storage.deviceSizes;
    this.fileFacts = storage.fileFacts;
    this.createStorageDir = storage.createStorageDir;
    this.removeStorageDir = storage.removeStorageDir;
    const disk = diskCalls(caller);
    this.createDisk = disk.createDisk;
    this.wipeDisk = disk.wipeDisk;
    this.imageDisk = disk.imageDisk;
    this.renameVolumes = disk.renameVolumes;
    this.assembleDisk = disk.assembleDisk;
    this.shutdownDisk = disk.shutdownDisk;
    this.removeDisk = disk.removeDisk;
    this.mirrorStatus = disk.mirrorStatus;
    this.pauseSync = disk.pauseSync;
    const os = osCalls(caller);
    this.validateOs = os.validateOs;
    this.findOs = os.findOs;
    this.installOs = os.installOs;
    this.renameOs = os.renameOs;
    this.exportOs = os.exportOs;
    this.publishMetadata = os.publishMetadata;
    const power = powerCalls(caller);
    this.startInstance = power.startInstance;
    this.stopInstance = power.stopInstance;
    const transfer = transferCalls(caller);
    this.listExports = transfer.listExports;
    this.exportInfo = transfer.exportInfo;
    this.transferStatus = transfer.transferStatus;
    this.startImport = transfer.startImport;
    this.startExport = transfer.startExport;
    this.abortTransfer = transfer.abortTransfer;
    this.cleanTransfer = transfer.cleanTransfer;
    this.createCertificate = transfer.createCertificate;
    this.removeCertificate = transfer.removeCertificate;
    const exports = exportCalls(caller);
    this.snapshotDisk = exports.snapshotDisk;
    this.finalizeExport = exports.finalizeExport;
    this.removeExport = exports.removeExport;
    this.runHooks = hookCalls(caller).runHooks;
  }
}
