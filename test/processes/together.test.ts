/**
 * Several processes at work on one store at the same time: what each of them does must look as if
 * one after the other had done it.
 */
import { expect, test } from 'vitest';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import type { Network } from '../../src/model/network.js';
import type { NetworkId } from '../../src/model/ids.js';
import type { KvCompare, KvOp } from '../../src/ports/kv-store.js';
import type { AnyReport } from '../../src/reports.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { create, makeWorld, settle } from './world.js';

const LAN: Network = {
  id: 'net-lan' as NetworkId,
  name: 'lan',
  cidr: '172.20.0.0/24',
  reservedIps: ['172.20.0.0', '172.20.0.255'],
  tags: [],
  serial: 1,
  createdAtMs: 0,
  modifiedAtMs: 0,
};

const COUNT = 20;
const NODES = 16;

/** A store that takes its time, so that processes get into each other's way. */
class SlowStore extends MemoryKvStore {
  readonly #ids = new SeededIds(Number(process.env['SEED']));

  override async txn(compare: readonly KvCompare[], ops: readonly KvOp[]) {
    for (let turns = this.#ids.integer(12); turns > 0; turns--) await Promise.resolve();
    const result = await super.txn(compare, ops);
    for (let turns = this.#ids.integer(12); turns > 0; turns--) await Promise.resolve();
    return result;
  }
}

/** Two nodes; those of one process are not those of the other, so that locks keep nobody apart. */
function pairOf(who: number, n: number): { pnode: string; snode: string } {
  const first = 1 + 2 * ((n * 2 + who) % (NODES / 2));
  return { pnode: `node${first}`, snode: `node${first + 1}` };
}

test.each([
  ['at once', () => new MemoryKvStore()],
  ['slowly', () => new SlowStore()],
  ['and forgets soon', () => new MemoryKvStore({ history: 2 })],
])(
  'given two processes and a store that answers %s, when each creates many instances, then none takes what another has',
  async (_how, makeStore) => {
    const world = await makeWorld({ networks: [LAN], store: makeStore(), nodeCount: NODES });
    const processes = [await world.start(), await world.start()];
    const events: AnyReport[] = [];
    const nics = [{ network: 'lan', ip: 'pool' }];

    const runs = processes.flatMap((process, who) =>
      Array.from({ length: COUNT }, (_, n) =>
        create(
          process,
          {
            instanceName: `web${n}.p${who}.example.com`,
            nics,
            diskTemplate: 'drbd',
            ...pairOf(who, n),
          },
          { onReport: (event) => events.push(event) },
        ),
      ),
    );
    await Promise.all(runs);
    await settle();

    for (const { cluster } of processes) {
      const instances = [...cluster.config.all('instance')];
      expect(instances).toHaveLength(2 * COUNT);
      const ips = instances.map((instance) => instance.nics[0]?.ip);
      expect(new Set(ips).size).toBe(2 * COUNT);
      expect(new Set(instances.map((instance) => instance.nics[0]?.mac)).size).toBe(2 * COUNT);
      const ports = [...cluster.config.all('disk')].flatMap(({ location }) =>
        location.kind === 'drbd' ? [location.port] : [],
      );
      expect(new Set(ports).size).toBe(2 * COUNT);
      expect(cluster.config.claimCount).toBe(0);
    }
    const [one, two] = processes.map(({ cluster }) =>
      [...cluster.config.all('instance')].map(({ id }) => id).sort(),
    );
    expect(one).toEqual(two);
    expect(events.filter(({ type }) => type === 'retry').length).toBeGreaterThan(0);
    const { entries } = await world.store.range('');
    const left = entries.filter(({ key }) => /^(journal|locks|config\/claimed)\//.test(key));
    expect(left).toEqual([]);
  },
);
