/**
 * Directories and files that are not as they should be: an error that says so, never the death of
 * the process.
 */
import { mkdirSync, openSync, readdirSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { open } from 'lmdb';
import { expect, test } from 'vitest';
import { openLmdb } from '../../src/lmdb/index.js';
import { OWNER_KEY } from '../../src/lmdb/lmdb-kv-store.js';
import { formatOwner, isRunning, parseOwner, thisProcess } from '../../src/lmdb/owner.js';
import { tempPath } from './temp-store.js';

const PAGE = 4096;

/** A store with enough in it to have pages below its header; gives back the data file. */
async function filledStore(path: string): Promise<string> {
  const store = await openLmdb({ path });
  for (let n = 0; n < 40; n++) {
    await store.txn([], [{ op: 'put', key: `key/${n}`, value: 'x'.repeat(1500) }]);
  }
  await store.close();
  return join(path, 'data.mdb');
}

const overwrite = (from: number, bytes: number, byte: number) => (file: string) => {
  writeSync(openSync(file, 'r+'), Buffer.alloc(bytes, byte), 0, bytes, from);
};

const DAMAGES: Readonly<Record<string, (file: string) => void>> = {
  'something else': (file) => writeFileSync(file, 'x'.repeat(3 * PAGE)),
  'a file of a few bytes': (file) => truncateSync(file, 100),
  'a file without its second header': (file) => truncateSync(file, PAGE),
  'a header of zeros': overwrite(0, 2 * PAGE, 0),
  'a file that was cut short': (file) => truncateSync(file, 4 * PAGE),
  'pages of zeros': overwrite(3 * PAGE, 16 * PAGE, 0),
  'pages of noise': overwrite(3 * PAGE, 16 * PAGE, 0xa5),
};

for (const [name, damage] of Object.entries(DAMAGES)) {
  test(`given ${name} as the data file, it should be called damaged`, async () => {
    const path = tempPath();
    damage(await filledStore(path));

    const reading = async (): Promise<void> => {
      const store = await openLmdb({ path });
      await store.range('').finally(() => store.close().catch(() => {}));
    };

    await expect(reading()).rejects.toMatchObject({ name: 'ConfigError', code: 'corrupt' });
  });
}

test('given an empty data file, as a death right after its making leaves it, it should be a new store', async () => {
  const path = tempPath();
  mkdirSync(path);
  writeFileSync(join(path, 'data.mdb'), '');
  const store = await openLmdb({ path });
  expect((await store.range('')).entries).toEqual([]);
  await store.close();
});

test('given a path that cannot be a directory, it should say why and name it', async () => {
  const path = tempPath();
  writeFileSync(path, 'a file');
  for (const wrong of [path, join(path, 'below'), '/proc/1/no-such']) {
    await expect(openLmdb({ path: wrong })).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining(`'${wrong}'`) as string,
    });
  }
  expect(readdirSync(dirname(path))).toHaveLength(1);
});

test('given the record of an owner that is dead, the store should be taken over', async () => {
  const me = thisProcess();
  const dead = { ...me, started: '1' };
  const otherBoot = { ...me, boot: 'another-boot' };
  const nobody = { ...me, pid: 2 ** 22 + 1 };
  expect([me, dead, otherBoot, nobody].map(isRunning)).toEqual([true, false, false, false]);
  expect(parseOwner(formatOwner(me))).toEqual(me);

  for (const record of [formatOwner(dead), formatOwner(otherBoot), 'not a record', '']) {
    const path = tempPath();
    const db = open<string, Buffer>({
      path,
      noSubdir: false,
      encoding: 'string',
      keyEncoding: 'binary',
      useVersions: true,
      overlappingSync: false,
    });
    await db.put(OWNER_KEY, record, 0);
    await db.close();
    const store = await openLmdb({ path });
    await store.close();
  }
});
