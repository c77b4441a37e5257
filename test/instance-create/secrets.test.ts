import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { LUInstanceCreate } from '../../src/instance-create/lu-instance-create.js';
import { Secret } from '../../src/model/secret.js';
import type { KvCompare, KvOp, KvTxnResult } from '../../src/ports/kv-store.js';
import type { OsParams } from '../../src/ports/runtime.js';
import { create, openCluster, request } from './support.js';

const CANARY = 'canary-4711-secret';
const HIDDEN = 'canary-4712-private';

const OP = request({
  osParamsSecret: { lic_key: CANARY, second: new Secret(`${CANARY}2`) },
  osParamsPrivate: { root_pw: HIDDEN },
});

/** Remembers everything that was ever written. */
class NotingStore extends MemoryKvStore {
  readonly written: string[] = [];

  override txn(compare: readonly KvCompare[], ops: readonly KvOp[]): Promise<KvTxnResult> {
    this.written.push(JSON.stringify(ops));
    return super.txn(compare, ops);
  }
}

test('given secret OS parameters, when an instance is created, then only the node sees them', async () => {
  const store = new NotingStore();
  const environments: string[] = [];
  const cluster = await openCluster({
    store,
    hook: ({ env }) => {
      environments.push(JSON.stringify(env));
      return [];
    },
  });
  const told: OsParams[] = [];
  const { validateOs, installOs } = cluster.nodes;
  cluster.nodes.validateOs = (nodes, question, call) => {
    told.push(question.params);
    return validateOs(nodes, question, call);
  };
  cluster.nodes.installOs = (node, job, call) => {
    told.push(job.runtime.osParams);
    return installOs(node, job, call);
  };
  await create(cluster, OP);
  expect(told.map(({ secret }) => secret['lic_key']?.reveal())).toEqual([CANARY, CANARY]);
  expect(told.map(({ secret }) => secret['second']?.reveal())).toEqual([
    `${CANARY}2`,
    `${CANARY}2`,
  ]);
  expect(told.map((params) => params.private['root_pw']?.reveal())).toEqual([HIDDEN, HIDDEN]);

  const shown = [
    ...cluster.transcript,
    ...environments,
    JSON.stringify(cluster.events),
    inspect(cluster.events, { depth: 20, showHidden: true }),
    inspect(cluster.config.findInstance('web1'), { depth: 20, showHidden: true }),
    JSON.stringify(cluster.config.findInstance('web1')),
  ].join('\n');
  expect(shown).not.toContain('canary');
  expect(environments.length).toBeGreaterThan(1);
  expect(store.written.join('\n')).not.toContain(CANARY);
  // What is private is kept, in the protected store only.
  expect(store.written.join('\n')).toContain(HIDDEN);
  const kept = cluster.config.findInstance('web1')?.osParamsPrivate['root_pw'];
  expect(kept?.reveal()).toBe(HIDDEN);
});

test('given secret OS parameters, when the plan is shown, then it says that they are there, no more', async () => {
  const cluster = await openCluster();
  const { plan } = await cluster.plan(new LUInstanceCreate(), OP);
  const shown = JSON.stringify(plan);
  expect(shown).not.toContain('canary');
  expect(inspect(plan, { depth: 20, showHidden: true })).not.toContain('canary');
  expect(JSON.parse(shown)).toMatchObject({
    osParams: {
      private: { root_pw: '<redacted>' },
      secret: { lic_key: '<redacted>', second: '<redacted>' },
    },
  });
});

test.each([
  { op: { osParamsSecret: { key: { value: CANARY } } } },
  { op: { osParamsSecret: [CANARY] } },
  { op: { osParamsSecret: { key: CANARY }, osParams: { key: CANARY } } },
  { op: { osParamsSecret: { key: CANARY }, osType: 'gentoo' } },
  { op: { osParamsSecret: { key: CANARY }, disks: [{ size: 64, colour: 1 }] } },
])(
  'given a bad request with secrets, when it is refused, then the error does not show them',
  async ({ op }) => {
    const cluster = await openCluster();
    const run = create(cluster, { ...request(), ...(op as object) });
    const error: unknown = await run.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(CANARY);
    expect(JSON.stringify(error)).not.toContain(CANARY);
  },
);

test('given secrets, when the work fails, then error, journal and events do not show them', async () => {
  const store = new NotingStore();
  const cluster = await openCluster({ store });
  cluster.nodes.faults.add({ method: 'startInstance' });
  cluster.nodes.faults.add({ method: 'removeDisk', times: 9 });
  const error: unknown = await create(cluster, OP).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: 'exec', leaked: [{}] });
  const shown = [
    inspect(error, { depth: 20, showHidden: true }),
    JSON.stringify(error),
    JSON.stringify(cluster.events),
    JSON.stringify((await store.range('journal/')).entries),
  ].join('\n');
  expect(shown).not.toContain('canary');
  expect((await store.range('journal/')).entries.length).toBeGreaterThan(0);
});
