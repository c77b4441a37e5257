/**
 * What an export says of the instance that it was made of, and who can read and write that. Nodes
 * hand the description over as text; which form the text has is the host's business.
 */
import type { DiskTemplate } from '../model/disk-template.js';
import type { HypervisorName } from '../model/hypervisor.js';
import type { NetworkId } from '../model/ids.js';
import type { NicMode } from '../model/nic.js';
import type { Secret } from '../model/secret.js';

/**
 * A network card of an exported instance.
 * @public
 */
export interface ExportedNicFacts {
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
  /** VLAN; empty if none. */
  readonly vlan: string;
}

/**
 * A disk of an exported instance. What the description does not tell is absent.
 * @public
 */
export interface ExportedDiskFacts {
  /** Size, MiB. */
  readonly sizeMib?: number;
  /** A name given by the operator. */
  readonly name?: string;
  /** File with the disk's content, in the directory of the export. */
  readonly dump?: string;
}

/**
 * The description of an export. Parameters are text: whoever imports brings them to their types.
 * @public
 */
export interface ExportDescription {
  /** OS definition with variant; absent if the instance had none. */
  readonly os?: string;
  /** The instance. */
  readonly instance: {
    /** Its name. */
    readonly name: string;
    /** What ran it. */
    readonly hypervisor?: HypervisorName;
    /** Labels. */
    readonly tags: readonly string[];
    /** Network cards, in order. */
    readonly nics: readonly ExportedNicFacts[];
    /** Disks, in order. */
    readonly disks: readonly ExportedDiskFacts[];
  };
  /** Its own hypervisor parameters. */
  readonly hvParams: Readonly<Record<string, string>>;
  /** Its own backend parameters, under this library's names. */
  readonly beParams: Readonly<Record<string, string>>;
  /** Public OS parameters. */
  readonly osParams: Readonly<Record<string, string>>;
  /** Private OS parameters. */
  readonly osParamsPrivate: Readonly<Record<string, Secret<string>>>;
}

/**
 * Reads descriptions of exports. Throws `PrereqError` `environment_error` for what cannot be read:
 * about `export-file` if it is damaged.
 * @public
 */
export type ExportFormat = (text: string) => ExportDescription;

/**
 * A disk of a new export: what it has, and the file that holds its contents.
 * @public
 */
export interface RecordedDisk extends ExportedDiskFacts {
  readonly sizeMib: number;
  readonly dump: string;
}

/**
 * What the description of a new export says: all that is known.
 * @public
 */
export interface ExportRecord extends ExportDescription {
  /** When it is made: seconds since 1970 (UTC). */
  readonly timestampS: number;
  /** The node that the instance runs on, by UUID. */
  readonly source: string;
  /** Compression of the contents as they lie; they are stored as they are. */
  readonly compression: 'none';
  /** The instance. */
  readonly instance: Omit<ExportDescription['instance'], 'hypervisor' | 'disks'> & {
    /** Kind of storage. */
    readonly diskTemplate: DiskTemplate;
    /** What runs it. */
    readonly hypervisor: HypervisorName;
    /** Disks, in order. */
    readonly disks: readonly RecordedDisk[];
  };
}

/**
 * Writes descriptions of exports. Throws `PrereqError` `wrong_input` for what its form cannot hold.
 * @public
 */
export type ExportWriter = (record: ExportRecord) => string;
