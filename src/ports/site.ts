/**
 * What a host knows of the world around the cluster that no configuration holds.
 */
import type { Secret } from '../model/secret.js';
import type { DownloadSize } from './download-size.js';
import type { ExportFormat, ExportWriter } from './export-format.js';

/**
 * Places and secrets of a site.
 * @public
 */
export interface Site {
  /** Directory of exports on every node, absolute. */
  readonly exportDir: string;
  /** What clusters that trust one another share; absent: no instance comes from another cluster. */
  readonly domainSecret?: Secret<string>;
  /** Reads descriptions of exports; absent: nothing is imported. */
  readonly exportFormat?: ExportFormat;
  /** Writes them, for nodes that do not do it themselves, as Ganeti's daemons do. */
  readonly exportWriter?: ExportWriter;
  /** Asks how large an install image is; absent: install images are given by their path. */
  readonly downloadSize?: DownloadSize;
}

/**
 * The places of a Ganeti cluster.
 * @public
 */
export const DEFAULT_SITE: Site = { exportDir: '/var/lib/ganeti/export' };
