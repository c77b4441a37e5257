/**
 * `kill -9` in the middle of commits: what was acknowledged is there, nothing is there by half, and
 * the next process gets the store at once. Also a disk that is full in the middle.
 */
import { expect, test } from 'vitest';
import { openLmdb } from '../../src/lmdb/index.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { Child, useChildren } from './child.js';
import { tempPath } from './temp-store.js';

useChildren();

test('given a process that is killed while it commits, when the store is opened, then every acknowledged commit is there, and none by half', async () => {
  const path = tempPath();
  const random = new SeededIds(Number(process.env['SEED']));
  let lines = 0;
  for (let round = 0; round < 12; round++) {
    const child = new Child('write', path);
    await child.said(1 + random.integer(40));
    await child.kill();
    lines += child.lines.length;

    const store = await openLmdb({ path });
    const { entries } = await store.range('');
    const found = new Map(entries.map(({ key, value }) => [key, value]));
    const last = Number(found.get('last'));
    expect(last).toBeGreaterThanOrEqual(Number(child.lines.at(-1)));
    const expected = ['last'];
    for (let n = 1; n <= last; n++) {
      expected.push(`left/${n}`, `right/${n}`, ...(n > last - 5 ? [`old/${n}`] : []));
      const text = JSON.stringify({ n, filling: 'x'.repeat((n * 37) % 3000) });
      if (found.get(`left/${n}`) !== text || found.get(`right/${n}`) !== text) {
        expect.fail(`commit ${n} of ${last} is not whole`);
      }
    }
    expect([...found.keys()].sort()).toEqual(expected.sort());
    await store.close();
  }
  expect(lines).toBeGreaterThan(12);
}, 60_000);

test('given a store that another process has open, it should be refused by that number until the other is dead', async () => {
  const path = tempPath();
  const child = new Child('write', path);
  await child.said(30);

  // Again and again, since a file that is being written to is easily taken for a damaged one.
  for (let round = 0; round < 12; round++) {
    await expect(openLmdb({ path })).rejects.toMatchObject({
      code: 'in_use',
      message: expect.stringContaining(`process ${child.pid}`) as string,
    });
  }

  await child.kill();
  const store = await openLmdb({ path });
  await store.close();
});

test('given a disk that is full in the middle, a commit should fail as a whole and the store go on', async () => {
  const path = tempPath();
  const child = new Child('fill', path, 400);
  await child.ended;

  const [failure, rest, end] = child.lines;
  const [written = '', stored = '', ...kept] = (rest ?? '').split(' ');
  expect([failure, end]).toEqual(['ConfigError io', 'closed']);
  expect(Number(written)).toBeGreaterThan(0);
  expect(Number(stored)).toBe(Number(written) - 1);
  expect(kept.join(' ')).toBe('from before');
  const store = await openLmdb({ path });
  const { entries } = await store.range('big/');
  expect(entries.length).toBe(Number(written) - 1);
  await store.close();
});
