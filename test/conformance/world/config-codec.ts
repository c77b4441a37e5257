/**
 * The library's codec for configurations of a cluster, as the runner uses it.
 */
import type { Cluster } from '../../../src/model/cluster.js';
import type { Disk } from '../../../src/model/disk.js';
import type { Instance } from '../../../src/model/instance.js';
import type { Network } from '../../../src/model/network.js';
import type { Node, NodeGroup } from '../../../src/model/node.js';
import type { ConfigReader } from '../../../src/ports/config-store.js';

/** A configuration as Ganeti stores it. */
export type WireConfig = Readonly<Record<string, unknown>>;

/** A configuration as the library stores it. */
export interface DecodedConfig {
  readonly cluster: Cluster;
  readonly nodes: readonly Node[];
  readonly groups: readonly NodeGroup[];
  readonly networks: readonly Network[];
  readonly instances: readonly Instance[];
  readonly disks: readonly Disk[];
  /** What only Ganeti knows. */
  readonly rest: unknown;
}

/** Both ways. */
export interface ConfigCodec {
  read(config: unknown): DecodedConfig;
  write(config: ConfigReader, rest: unknown): WireConfig;
}
