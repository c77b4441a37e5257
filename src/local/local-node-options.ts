/**
 * What has to be known of a machine before it can be a node.
 */
import { join } from 'node:path';
import type { NodeId } from '../model/ids.js';
import type { Clock } from '../ports/clock.js';
import type { LocalHypervisor } from './hypervisors/local-hypervisor.js';
import type { MemorySource } from './hypervisors/startup-memory.js';
import type { OsDefinitionsOptions } from './os/os-definitions.js';
import type { Allocation } from './storage/allocate.js';

/**
 * What this machine is as a node.
 * @public
 */
export interface LocalNodeOptions {
  /** The node's id in the configuration. */
  readonly node: NodeId;
  /** Its name, for messages. */
  readonly name: string;
  /** Directory of disk files for each template that the node keeps. */
  readonly storageRoots: { readonly file?: string; readonly sharedfile?: string };
  /** Whether new disk files take their space at once (`full`) or not (`sparse`, the default). */
  readonly allocation?: Allocation;
  /** Directory of exports, the same as the site's; default: Ganeti's (`DEFAULT_SITE`). */
  readonly exportDir?: string;
  /** Directories with OS definitions, in order of precedence. */
  readonly osSearchPath: readonly string[];
  /** Directory with the hook directories, `PATH-pre.d` and `PATH-post.d`. */
  readonly hooksDir: string;
  /** Directory for the logs of OS scripts. */
  readonly logDir: string;
  /**
   * Directory in which the node remembers the locks of former commands, so as to refuse those that
   * come too late; `.fences` in the directory for logs if not given. Must outlive the process, and
   * is only used where several processes share their locks.
   */
  readonly fencesDir?: string;
  /** Drivers, one for each hypervisor that the node has. */
  readonly hypervisors: readonly LocalHypervisor[];
  /** For time limits and the names of logs. */
  readonly clock: Clock;
  /** The machine's memory; default: this machine's. */
  readonly memory?: MemorySource;
  /** Where the system shows network devices; default `/sys/class/net`. */
  readonly devicesDir?: string;
}

/** Where the tokens of former commands lie. */
export function fencesDirOf({ fencesDir, logDir }: LocalNodeOptions): string {
  return fencesDir ?? join(logDir, '.fences');
}

/** Where the marks of programs that run lie. */
export function marksDirOf({ logDir }: Pick<LocalNodeOptions, 'logDir'>): string {
  return join(logDir, '.running');
}

/** How the node's OS scripts run. */
export function scriptOptions(
  options: Pick<LocalNodeOptions, 'clock' | 'logDir' | 'osSearchPath'>,
): OsDefinitionsOptions & { readonly marksDir: string } {
  const { clock, logDir, osSearchPath: searchPath } = options;
  return { searchPath, logDir, clock, marksDir: marksDirOf(options) };
}
