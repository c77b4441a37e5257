/**
 * What an export says of the instance that it was made of. Parameters are text, as in the file:
 * whoever imports brings them to their types, by the same rules as a request's.
 */
import type { DiskTemplate } from '../../model/disk-template.js';
import type { HypervisorName } from '../../model/hypervisor.js';
import type { NetworkId } from '../../model/ids.js';
import type { NicMode } from '../../model/nic.js';
import type { Secret } from '../../model/secret.js';

/**
 * A network card of an exported instance.
 * @public
 */
export interface ExportedNic {
  /** Hardware address. */
  readonly mac: string;
  /** Address, if the cluster knew it. */
  readonly ip?: string;
  /** The network that it belonged to, by UUID. */
  readonly networkId?: NetworkId;
  /** A name given by the operator. */
  readonly name?: string;
  /** Kind of connection. */
  readonly mode: NicMode;
  /** Bridge, switch or routing table. */
  readonly link: string;
  /** VLAN, in Ganeti's full form; empty if none. */
  readonly vlan: string;
}

/**
 * A disk of an exported instance. What the file does not tell is absent: an old export may know a
 * disk's size but not its dump, or the other way round.
 * @public
 */
export interface ExportedDisk {
  /** Size, MiB. */
  readonly sizeMib?: number;
  /** A name given by the operator. */
  readonly name?: string;
  /** Position as Ganeti writes it, `disk/0`. */
  readonly ivName?: string;
  /** File with the disk's content, in the directory of the export. */
  readonly dump?: string;
}

/**
 * The instance.
 * @public
 */
export interface ExportedInstance {
  /** Its name. */
  readonly name: string;
  /** Kind of storage. */
  readonly diskTemplate?: DiskTemplate;
  /** What ran it. */
  readonly hypervisor?: HypervisorName;
  /** Labels. */
  readonly tags: readonly string[];
  /** Network cards, in order. */
  readonly nics: readonly ExportedNic[];
  /** How many cards the file says there are. */
  readonly nicCount?: number;
  /** Disks, in order; a position that the file passes over is an empty object. */
  readonly disks: readonly ExportedDisk[];
  /** How many disks the file says there are. */
  readonly diskCount?: number;
}

/**
 * Everything in an export's `config.ini`.
 * @public
 */
export interface ExportInfo {
  /** When it was made: seconds since 1970 (UTC). */
  readonly timestampS?: number;
  /** The node that it was made on, by UUID (or name, in old exports). */
  readonly source?: string;
  /** OS definition with variant; absent if the instance had none. */
  readonly os?: string;
  /** Compression of the dumps, `none` or a tool's name. */
  readonly compression?: string;
  /** The instance. */
  readonly instance: ExportedInstance;
  /** Its own hypervisor parameters, under Ganeti's names. */
  readonly hvParams: Readonly<Record<string, string>>;
  /**
   * Backend parameters under this library's names (`maxMemMib`, and `memoryMib` from old exports);
   * those that it does not know keep theirs.
   */
  readonly beParams: Readonly<Record<string, string>>;
  /** Public OS parameters. */
  readonly osParams: Readonly<Record<string, string>>;
  /** Private OS parameters. They are in the file in clear text. */
  readonly osParamsPrivate: Readonly<Record<string, Secret<string>>>;
}

/** Version of the format (Ganeti's `EXPORT_VERSION`). */
export const EXPORT_VERSION = 0;

/** Names of the sections. */
export const SECTION = {
  export: 'export',
  instance: 'instance',
  hypervisor: 'hypervisor',
  backend: 'backend',
  os: 'os',
  osPrivate: 'os_private',
} as const;
