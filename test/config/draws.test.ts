/**
 * Draws when luck or space runs out, and what they come back to.
 */
import { expect, test } from 'vitest';
import { initConfig, openConfig } from '../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import type { Ids } from '../../src/ports/clock.js';
import { NETWORK, NODE_1, WORLD } from '../../src/testing/contracts/config-world.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';

/** Ids that count their draws and know only a few answers. */
class PoorIds extends SeededIds {
  draws = 0;

  override hex(count: number): string {
    this.draws++;
    return (this.draws % 3).toString(16).padStart(2 * count, '0');
  }
}

async function configWith(ids: Ids, cidr?: string, reservedIps: readonly string[] = []) {
  const store = new MemoryKvStore();
  const clock = new ManualClock();
  const networks = (WORLD.networks ?? []).map((network) =>
    cidr === undefined ? network : { ...network, cidr, gateway: '10.0.0.1', reservedIps },
  );
  await initConfig({ store, clock, ...WORLD, networks });
  return openConfig({ store, clock, ids });
}

test('given a prefix that is used up, drawing an address should give up after a while', async () => {
  const ids = new PoorIds();
  const claims = (await configWith(ids)).reservations('job-1');
  const drawn = [claims.drawMac(), claims.drawMac(), claims.drawMac()];
  expect(new Set(drawn).size).toBe(3);
  ids.draws = 0;

  expect(() => claims.drawMac()).toThrow(
    expect.objectContaining({ code: 'insufficient_resources' }) as Error,
  );

  expect(ids.draws).toBe(64);
});

test('given a large network with many addresses taken, draws should go on, and come back to what is freed', async () => {
  const config = await configWith(new SeededIds(1), '10.0.0.0/8', ['10.0.0.0', '10.0.0.1']);
  const [many, some] = [config.reservations('job-1'), config.reservations('job-2')];
  for (let n = 0; n < 600; n++) many.drawIp(NETWORK);

  const drawn = [some.drawIp(NETWORK), some.drawIp(NETWORK)];

  expect(drawn).toEqual(['10.0.2.90', '10.0.2.91']);
  many.release();
  const last = config.reservations('job-3');
  expect([last.drawIp(NETWORK), some.size]).toEqual(['10.0.0.2', 2]);
});

test('only what is written down should be kept free, not the edges of a network nor its gateway', async () => {
  const small: readonly (readonly [string, number])[] = [
    ['10.0.0.0/30', 4],
    ['10.0.0.0/31', 2],
    ['10.0.0.0/32', 1],
  ];
  for (const [cidr, size] of small) {
    const claims = (await configWith(new SeededIds(1), cidr)).reservations('job-1');
    for (let end = 0; end < size; end++) expect(claims.drawIp(NETWORK)).toBe(`10.0.0.${end}`);
    expect(() => claims.drawIp(NETWORK)).toThrow(
      expect.objectContaining({ code: 'insufficient_resources' }) as Error,
    );
  }
});

test('given a network that is not in CIDR form, drawing should say so', async () => {
  const broken = (await configWith(new SeededIds(1), '10.0.0.0/33')).reservations('job-1');
  expect(() => broken.drawIp(NETWORK)).toThrow(
    expect.objectContaining({ code: 'wrong_input' }) as Error,
  );
});

test('an address that something outside uses should be had by insisting, a stray one by nothing', async () => {
  const config = await configWith(new SeededIds(1), '10.0.0.0/29', ['10.0.0.0', '10.0.0.2']);
  await config.commit('strays', (draft) =>
    draft.update('network', NETWORK, (network) => void (network.strayIps = ['10.0.0.1'])),
  );
  const claims = config.reservations('job-1');
  const taken = expect.objectContaining({ code: 'resource_not_unique' }) as Error;
  const outside = expect.objectContaining({ code: 'wrong_input' }) as Error;
  const insisting = { evenReserved: true };

  expect(() => claims.ip('10.0.0.2', NETWORK)).toThrow(taken);
  expect(() => claims.ip('10.0.0.1', NETWORK, insisting)).toThrow(taken);
  expect(() => claims.ip('10.0.0.8', NETWORK, insisting)).toThrow(outside);
  claims.ip('10.0.0.2', NETWORK, insisting);
  expect(() => claims.ip('10.0.0.2', NETWORK, insisting)).toThrow(taken);
  expect(claims.drawIp(NETWORK)).toBe('10.0.0.3');
});

test('minors that are released should be free for others', async () => {
  const config = await configWith(new SeededIds(1));
  const claims = config.reservations('job-1');
  expect([0, 1, 2].map(() => claims.drawMinor(NODE_1))).toEqual([0, 1, 2]);
  claims.release();
  expect(config.reservations('job-2').drawMinor(NODE_1)).toBe(0);
});
