import { expect, test } from 'vitest';
import type { InstanceId } from '../../src/model/ids.js';
import type { ConfigDraft } from '../../src/ports/config-store.js';
import { nodeIdOf } from '../../src/testing/make.js';
import type { TestClusterOptions } from '../../src/testing/test-cluster.js';
import { ownerId } from '../../src/ports/lock-manager.js';
import { create, openCluster, request } from './support.js';

const RESERVE = request({ forthcoming: true, disks: [{ size: 64 }, { size: 32 }] });
const DRBD: TestClusterOptions = {
  cluster: { enabledDiskTemplates: ['drbd'], volumeGroup: 'xenvg' },
};
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

test('given a disk that stays for a while, when the place is taken back twice, then it is reserved once', async () => {
  const cluster = await openCluster();
  await create(cluster, RESERVE);
  cluster.nodes.faults.add({ method: 'startInstance' });
  cluster.nodes.faults.add({ method: 'removeDisk', times: 9, message: 'busy' });
  await expect(create(cluster, COMMIT)).rejects.toMatchObject({ leaked: [{ reason: /busy/ }] });
  const [place] = [...cluster.config.all('instance')];
  if (place?.forthcoming !== true) throw new Error('the place is not reserved again');
  // What somebody does to it meanwhile is not undone.
  await cluster.config.commit('label', (draft) =>
    draft.update('instance', place.id, (instance) => {
      instance.tags = ['mine'];
    }),
  );
  cluster.nodes.faults.clear();
  expect((await cluster.recover()).operations).toMatchObject([{ leaked: [] }]);
  expect([...cluster.config.all('instance')]).toMatchObject([
    { forthcoming: true, tags: ['mine'] },
  ]);
  expect(await cluster.leftovers()).toEqual([]);
});

test('given a reservation with a mirror, when it is made, then both of its nodes are taken', async () => {
  const cluster = await openCluster(DRBD);
  const wanted = { diskTemplate: 'drbd', snode: 'node2' } as const;
  await create(cluster, { ...RESERVE, ...wanted });
  const { diskTemplate } = wanted;
  expect(await create(cluster, request({ commit: true, diskTemplate, snode: 'node1' }))).toEqual([
    'node1',
    'node2',
  ]);
});

test('given an instance that is made already, when it is to be made, then it is refused', async () => {
  const cluster = await openCluster();
  await create(cluster, request());
  await expect(create(cluster, COMMIT)).rejects.toThrow(
    'is made already; there is nothing to commit',
  );
});

test.each<[what: string, says: string, change: (draft: ConfigDraft, id: InstanceId) => void]>([
  ['removed', 'was removed meanwhile', (draft, id) => void draft.remove('instance', id)],
  [
    'made',
    'was made meanwhile',
    (draft, id) => draft.update('instance', id, (instance) => void delete instance.forthcoming),
  ],
  [
    'moved',
    'changed meanwhile; try again',
    (draft, id) =>
      draft.update('instance', id, (instance) => {
        instance.primaryNode = nodeIdOf('node2');
      }),
  ],
])(
  'given a reservation that is %s meanwhile, when it is to be made, then it is refused',
  async (_, says, change) => {
    const cluster = await openCluster();
    await create(cluster, request({ forthcoming: true, diskTemplate: 'diskless', disks: [] }));
    const [instance] = [...cluster.config.all('instance')];
    if (instance === undefined) throw new Error('nothing was reserved');
    const other = ownerId('other');
    await cluster.open.locks.acquire(other, [{ lock: 'node/node-node1', mode: 'exclusive' }]);
    const run = create(cluster, request({ commit: true, diskTemplate: 'diskless', disks: [] }), {
      onReport: ({ type }) => {
        if (type !== 'lockWait') return;
        void cluster.config
          .commit('meanwhile', (draft) => change(draft, instance.id))
          .then(() => cluster.open.locks.release(other, 'all'));
      },
    });
    await expect(run).rejects.toMatchObject({ kind: 'prereq' });
    await expect(run).rejects.toThrow(says);
  },
);
