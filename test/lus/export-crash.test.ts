/**
 * A process that dies in the middle of an export: the next one brings the guest back and leaves
 * nothing but, perhaps, the whole export.
 */
import { expect, test } from 'vitest';
import { instanceUndoActions } from '../../src/instance-create/undo-actions.js';
import { openCluster as reopen } from '../../src/open-cluster.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { StubHypervisor } from '../../src/testing/stub-hypervisor.js';
import { StubResolver } from '../../src/testing/stub-resolver.js';
import { EXPORT_DIR, type LabOptions, openLab, run } from './export-support.js';
import { MortalStore } from './mortal-store.js';

const CASES: readonly (readonly [string, LabOptions, { readonly longSleep?: boolean }])[] = [
  ['files', {}, { longSleep: true }],
  ['copies', { instance: { diskTemplate: 'plain' } }, {}],
  ['copies of files', { copiesFiles: true }, {}],
];

test.each(CASES)(
  'given a process killed at any write (%s), when the next one recovers, then the guest runs and nothing is left',
  async (_, options, op) => {
    let writes = 0;
    for (let isDone = false; !isDone; writes++) {
      const store = new MortalStore();
      const lab = await openLab({ ...options, store });
      const { nodes } = lab.cluster;
      const before = await lab.world();
      store.left = writes + 1;
      store.onDeath = () => {
        const gone = { times: 10_000, failure: 'unreachable' } as const;
        nodes.faults.add(gone);
        lab.transfers.faults.add(gone);
      };
      await run(lab, op).catch(() => undefined);
      isDone = !store.isDead;
      store.revive();
      nodes.faults.clear();
      lab.transfers.faults.clear();

      const next = await reopen({
        store,
        rpc: nodes,
        hooks: nodes,
        resolver: new StubResolver({}),
        hypervisors: [new StubHypervisor('kvm')],
        undoActions: instanceUndoActions,
        undoRetry: { attempts: 1, delayMs: 0 },
        clock: new ManualClock(),
        ids: new SeededIds(99),
      });
      const { operations } = await next.recover();
      expect(operations.flatMap(({ leaked }) => leaked)).toEqual([]);
      const whole = (line: string): boolean => line.includes(`${EXPORT_DIR}/web1.example.com`);
      const after = (await lab.world()).filter((line) => !whole(line) && !isDaemon(line));
      expect(after, `write ${writes + 1}`).toEqual(before);
      expect(lab.transfers.leftovers().filter((line) => !isDaemon(line))).toEqual([]);
    }
    expect(writes).toBeGreaterThan(6);
  },
);

/**
 * A daemon gets its name from its node, so it is written down once it runs (ADR 18); one that was
 * started in between ends by itself when nobody connects.
 */
function isDaemon(line: string): boolean {
  return /^(send|receive)-/.test(line);
}
