import { expect, test } from 'vitest';
import { create, openCluster, request } from './support.js';

const RESERVE = request({ forthcoming: true, disks: [{ size: 64 }, { size: 32 }] });
const COMMIT = request({ commit: true, disks: [{ size: 64 }] });

test.each(['installOs', 'startInstance'])(
  'given a reservation, when what is made in it fails in %s, then the place is reserved as before',
  async (method) => {
    const cluster = await openCluster();
    await create(cluster, RESERVE);
    const facts = (): unknown => ({
      instances: [...cluster.config.all('instance')].map(({ name, forthcoming, diskIds }) => ({
        ...{ name, forthcoming, diskIds },
      })),
      disks: [...cluster.config.all('disk')].map(({ id, sizeMib, location }) => ({
        ...{ id, sizeMib, location },
      })),
    });
    const before = facts();
    cluster.nodes.faults.add({ method });
    await expect(create(cluster, COMMIT)).rejects.toMatchObject({ kind: 'exec', leaked: [] });
    expect(facts()).toEqual(before);
    expect(await cluster.leftovers()).toEqual([]);
    await create(cluster, COMMIT);
    expect([...cluster.config.all('instance')]).toMatchObject([{ adminState: 'up' }]);
  },
);
