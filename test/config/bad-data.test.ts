/**
 * Records that were damaged, or written by something else: opening says which, and nothing of it
 * becomes an object.
 */
import { expect, test } from 'vitest';
import { initConfig, openConfig } from '../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { instance, nic, NODE_1, WORLD } from '../../src/testing/contracts/config-world.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';

const clock = new ManualClock();
const WEB1 = instance('web1', { nics: [nic('aa:00:00:00:00:01')] });
const WEB1_KEY = `config/instance/${WEB1.id}`;
const NODE_KEY = `config/node/${NODE_1}`;

async function storeWithWeb1(): Promise<MemoryKvStore> {
  const store = new MemoryKvStore();
  await initConfig({ store, clock, ...WORLD, instances: [WEB1] });
  return store;
}

async function opening(store: MemoryKvStore): Promise<unknown> {
  try {
    await openConfig({ store, clock, ids: new SeededIds(1) });
    return undefined;
  } catch (error) {
    return error;
  }
}

type Damage = (text: string) => string;
const edit =
  (change: (record: Record<string, unknown>) => void): Damage =>
  (text) => {
    const record = JSON.parse(text) as Record<string, unknown>;
    change(record);
    return JSON.stringify(record);
  };

const DAMAGES: readonly (readonly [string, string, Damage])[] = [
  ['cut short', WEB1_KEY, (text) => text.slice(0, -20)],
  ['empty', WEB1_KEY, () => ''],
  ['something else', WEB1_KEY, () => '[1,2]'],
  ['without a field', WEB1_KEY, edit((record) => delete record['name'])],
  ['with a field that nobody knows', WEB1_KEY, edit((record) => (record['colour'] = 'red'))],
  ['with a number for a name', NODE_KEY, edit((record) => (record['name'] = 7))],
  ['of another hypervisor', WEB1_KEY, edit((record) => (record['hypervisor'] = 'bhyve'))],
  ['of another object', WEB1_KEY, edit((record) => (record['id'] = 'id-of-web2'))],
  [
    'with __proto__',
    WEB1_KEY,
    (text) => text.replace('"hvParams":{', '"hvParams":{"__proto__":{}'),
  ],
  [
    'with __proto__ in other letters',
    WEB1_KEY,
    (text) => text.replace('"hvParams":{', '"hvParams":{"\\u005f_proto__":{}'),
  ],
];

for (const [name, key, damage] of DAMAGES) {
  test(`given a record ${name}, opening should fail and name it`, async () => {
    const store = await storeWithWeb1();
    const text = (await store.get(key))?.value ?? '';
    const damaged = damage(text);
    expect(damaged).not.toBe(text);
    await store.txn([], [{ op: 'put', key, value: damaged }]);

    expect(await opening(store)).toMatchObject({
      name: 'ConfigError',
      code: 'corrupt',
      message: expect.stringContaining(`'${key}'`) as string,
    });
    expect(Object.hasOwn(Object.prototype, 'colour')).toBe(false);
  });
}

test('given records that contradict each other, opening should fail', async () => {
  const contradictions = [
    { op: 'delete', key: NODE_KEY },
    {
      op: 'put',
      key: 'config/instance/copy',
      value: JSON.stringify({ ...WEB1, id: 'copy', osParamsPrivate: {} }),
    },
  ] as const;
  for (const op of contradictions) {
    const store = await storeWithWeb1();
    await store.txn([], [op]);
    expect(await opening(store)).toMatchObject({ code: 'corrupt' });
  }
});

test('given a key or a form of another version, opening should refuse', async () => {
  for (const key of ['config/format', 'config/rocket/r1', 'config/instance/', 'config/cluster/x']) {
    const store = await storeWithWeb1();
    await store.txn([], [{ op: 'put', key, value: '2' }]);
    expect(await opening(store), key).toMatchObject({ code: 'corrupt' });
  }
});

test('given a store without a configuration, opening should say so; making one twice is refused', async () => {
  const store = new MemoryKvStore();
  expect(await opening(store)).toMatchObject({ code: 'unknown' });
  await initConfig({ store, clock, ...WORLD });
  await expect(initConfig({ store, clock, ...WORLD })).rejects.toMatchObject({ code: 'conflict' });
  const twice = { ...WORLD, store: new MemoryKvStore(), clock, instances: [WEB1, WEB1] };
  await expect(initConfig(twice)).rejects.toMatchObject({ code: 'not_unique' });
  expect(await opening(twice.store)).toMatchObject({ code: 'unknown' });
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  'given %d in a request to change, then nothing is written, and the store can be opened again',
  async (size) => {
    const store = await storeWithWeb1();
    const config = await openConfig({ store, clock, ids: new SeededIds(1) });
    const change = config.commit('odd', (draft) => {
      draft.update('instance', WEB1.id, (one) => {
        one.beParams = { ...one.beParams, maxMemMib: size };
        one.hvParams = { ...one.hvParams, boot: null };
      });
    });
    await expect(change).rejects.toThrow(
      `instance ${WEB1.id}.beParams.maxMemMib would be ${size}, which cannot be kept`,
    );
    expect(await opening(store)).toBeUndefined();
    await config.commit('may be nothing', (draft) => {
      draft.update('instance', WEB1.id, (one) => void (one.hvParams = { boot: null }));
    });
    expect(await opening(store)).toBeUndefined();
  },
);
