/**
 * Moving disks' contents between nodes, and exports: one daemon receives, another one sends. Both
 * are started by a call, watched by polling, and cleaned up after in any case.
 */
import type { Disk } from '../model/disk.js';
import type { NodeId } from '../model/ids.js';
import type { CallOptions, NothingMore } from './call.js';
import type { Replies, Reply } from './reply.js';
import type { RuntimeInstance } from './runtime.js';

/**
 * Where a transfer's data come from or go to: a file; a disk, as it is; or a disk through the
 * import or export script of the instance's OS. `leastMib` says how much has to arrive at a disk,
 * MiB: contents that end before are damaged. Nodes that cannot look do not.
 * @public
 */
export type TransferEnd =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'disk'; readonly disk: Disk; readonly leastMib?: number }
  | { readonly kind: 'script'; readonly disk: Disk };

/**
 * What goes with both sides of a transfer.
 * @public
 */
export interface TransferOptions {
  /** Program that compresses the stream; `none` for none. */
  readonly compress: string;
  /** Text by which the two sides know each other. */
  readonly magic?: string;
  /** How long to wait for the other side, seconds. */
  readonly connectTimeoutS: number;
  /** The node's key for encryption, as `createCertificate` has named it. */
  readonly keyName?: string;
  /** Certificate of the authority that the other side is signed by, PEM. */
  readonly authority?: string;
  /** Whether the receiving side listens on IPv6; false if not given. */
  readonly ipv6?: boolean;
}

/**
 * One transfer, as one side is told.
 * @public
 */
export interface TransferStart {
  /** What goes with it. */
  readonly options: TransferOptions;
  /** The instance. */
  readonly runtime: RuntimeInstance;
  /** What is transferred, for logs: `disk0`. */
  readonly component: string;
}

/**
 * How far a daemon has come.
 * @public
 */
export interface TransferStatus {
  /** Port on which a receiving daemon listens; absent: not yet. */
  readonly port?: number;
  /** Whether both sides have found each other; absent: not known yet. */
  readonly connected?: boolean;
  /** Exit status; absent: still running. */
  readonly exitStatus?: number;
  /** What went wrong, if anything. */
  readonly error?: string;
  /** It failed because the other side did, and that one knows why; absent: not known. */
  readonly brokenOff?: true;
  /** Last lines of the daemon's output. */
  readonly output: readonly string[];
  /** How much was transferred, per cent; absent: not known. */
  readonly percent?: number;
  /** How much was transferred, MiB; absent: not known. */
  readonly mib?: number;
  /** How much is transferred per second, MiB; absent: not known. */
  readonly mibPerS?: number;
  /** How long it will take, seconds; absent: not known. */
  readonly etaS?: number;
}

/**
 * Where another cluster shall send a disk's contents, signed with the secret that both share.
 * @public
 */
export interface RemoteDisk {
  /** Address of the node that listens. */
  readonly host: string;
  /** Its port. */
  readonly port: number;
  /** The word by which both sides know each other. */
  readonly magic: string;
  /** Signature of all that and the disk's position. */
  readonly signature: string;
  /** The signature's salt. */
  readonly salt: string;
}

/**
 * What another cluster needs to send an instance. The caller hands it over.
 * @public
 */
export interface RemoteImportOffer {
  /** Where to, disk by disk. */
  readonly disks: readonly RemoteDisk[];
  /** Certificate of the node that listens, signed with the secret that both clusters share. */
  readonly certificate: string;
}

/**
 * Questions about transfers and exports.
 * @public
 */
export interface TransferQueries {
  /** Names of the exports that nodes hold. */
  listExports(
    nodes: readonly NodeId[],
    request: NothingMore,
    call?: CallOptions,
  ): Promise<Replies<NodeId, readonly string[]>>;
  /** The description of an export, as text in INI form. */
  exportInfo(
    node: NodeId,
    request: { readonly path: string },
    call?: CallOptions,
  ): Promise<Reply<string>>;
  /** State of daemons, in the same order; `undefined` for one that the node does not know. */
  transferStatus(
    node: NodeId,
    request: { readonly daemons: readonly string[] },
    call?: CallOptions,
  ): Promise<Reply<readonly (TransferStatus | undefined)[]>>;
}

/**
 * Commands about transfers.
 * @public
 */
export interface TransferCommands {
  /** Starts a daemon that receives; answers with its name. */
  startImport(
    node: NodeId,
    request: TransferStart & { readonly into: TransferEnd },
    call?: CallOptions,
  ): Promise<Reply<string>>;
  /** Starts a daemon that sends; answers with its name. */
  startExport(
    node: NodeId,
    request: TransferStart & {
      readonly from: TransferEnd;
      readonly host: string;
      readonly port: number;
    },
    call?: CallOptions,
  ): Promise<Reply<string>>;
  /** Tells a daemon to stop; one that is gone is fine. */
  abortTransfer(
    node: NodeId,
    request: { readonly daemon: string },
    call?: CallOptions,
  ): Promise<Reply<void>>;
  /** Ends a daemon, and removes what it left on the node. */
  cleanTransfer(
    node: NodeId,
    request: { readonly daemon: string },
    call?: CallOptions,
  ): Promise<Reply<void>>;
  /** Makes a key and a certificate for encrypted transfers. */
  createCertificate(
    node: NodeId,
    request: { readonly validityS: number },
    call?: CallOptions,
  ): Promise<Reply<{ readonly keyName: string; readonly certificate: string }>>;
  /** Removes such a key. */
  removeCertificate(
    node: NodeId,
    request: { readonly keyName: string },
    call?: CallOptions,
  ): Promise<Reply<void>>;
}
