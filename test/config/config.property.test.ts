/**
 * The configuration against the naive model: random commits, claims, failures of the store,
 * snapshots.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ClusterConfig, initConfig, openConfig } from '../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { ConfigError, PrereqError } from '../../src/errors.js';
import type { KvCompare, KvOp } from '../../src/ports/kv-store.js';
import type { ConfigReader } from '../../src/ports/config-store.js';
import type { Instance } from '../../src/model/instance.js';
import { WORLD } from '../../src/testing/contracts/config-world.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import {
  ALL_MACS,
  type ConfigStep,
  configStep,
  ModelConfig,
  play,
  sameAnswers,
  settle,
} from './config-model.js';

/** A store in memory that can be told to fail. */
class FailingStore extends MemoryKvStore {
  fails = false;

  override async txn(compare: readonly KvCompare[], ops: readonly KvOp[]) {
    if (this.fails) throw new ConfigError('the disk is full', 'io');
    return super.txn(compare, ops);
  }
}

async function commit(config: ConfigReader & ClusterConfig, step: ConfigStep): Promise<unknown> {
  const options = step.owner === undefined ? {} : { owner: step.owner };
  try {
    await config.commit('step', (draft) => play(draft, step.actions), options);
    return undefined;
  } catch (error) {
    return error instanceof ConfigError ? error.code : error;
  }
}

test('the configuration should do what the model does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(configStep, { maxLength: 25, size: 'max' }), async (steps) => {
      const store = new FailingStore();
      const clock = new ManualClock();
      await initConfig({ store, clock, ...WORLD });
      const open = () => openConfig({ store, clock, ids: new SeededIds(1) });
      const config = await open();
      const model = new ModelConfig();
      const claims = config.reservations('job-1');
      const past: { view: ConfigReader; state: ReadonlyMap<string, Instance> }[] = [];

      for (const random of steps) {
        const step = { ...random, actions: settle(model.state, random.actions) };
        if (step.snapshot) past.push({ view: config.snapshot(), state: model.state });
        if (step.claim !== undefined) {
          const isFree = model.holderOfMac(step.claim) === undefined;
          expect(attempt(() => claims.mac(step.claim ?? ''))).toBe(isFree);
          if (isFree) model.claims.add(step.claim);
        }
        store.fails = step.storeFails;
        expect(await commit(config, step)).toBe(model.commit(step));
        store.fails = false;
        sameAnswers(config, model.state);
        for (const mac of ALL_MACS) {
          expect(config.holderOf('mac', mac)).toBe(model.holderOfMac(mac));
        }
      }

      for (const { view, state } of past) sameAnswers(view, state);
      const reopened = await open();
      sameAnswers(reopened, model.state);
      expect([...reopened.all('instance')].length).toBe(model.state.size);
      expect(reopened.cluster).toEqual(config.cluster);
    }),
    { numRuns: 40 },
  );
});

function attempt(claim: () => void): boolean {
  try {
    claim();
    return true;
  } catch (error) {
    if (error instanceof PrereqError) return false;
    throw error;
  }
}
