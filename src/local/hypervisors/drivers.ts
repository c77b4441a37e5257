/**
 * The hypervisors of a node, by name.
 */
import type { HypervisorName } from '../../model/hypervisor.js';
import { answered, failed, type Reply } from '../../ports/reply.js';
import type { LocalCall, LocalHypervisor } from './local-hypervisor.js';

/** The drivers of one node. */
export class Drivers {
  readonly #node: string;
  readonly #drivers: readonly LocalHypervisor[];

  /** @param node - the node's name, for messages. */
  constructor(node: string, drivers: readonly LocalHypervisor[]) {
    this.#node = node;
    this.#drivers = drivers;
  }

  /** A driver; a failure that names those that there are. */
  find(name: HypervisorName): Reply<LocalHypervisor> {
    const driver = this.#drivers.find((candidate) => candidate.name === name);
    if (driver !== undefined) return answered(driver);
    const names = this.#drivers.map((candidate) => candidate.name).join(', ') || 'none';
    return failed(`node '${this.#node}' has no hypervisor '${name}'; it has ${names}`);
  }

  /** Has a driver do something. */
  async drive<T>(
    name: HypervisorName,
    use: (driver: LocalHypervisor) => Promise<Reply<T>>,
  ): Promise<Reply<T>> {
    const driver = this.find(name);
    return driver.ok ? use(driver.payload) : driver;
  }

  /** Names of what runs in some of them, sorted. */
  async running(
    hypervisors: readonly HypervisorName[],
    call: LocalCall,
  ): Promise<Reply<readonly string[]>> {
    const names = new Set<string>();
    for (const hypervisor of hypervisors) {
      const reply = await this.drive(hypervisor, (driver) => driver.list(call));
      if (!reply.ok) return reply;
      for (const name of reply.payload) names.add(name);
    }
    return answered([...names].sort());
  }
}
