/**
 * Compares a run with its recording, field by field. The first difference is the one to look at:
 * fields stand in the order in which a run goes wrong.
 */
import { diffConfigs } from '../compare/config-diff.js';
import type { Difference, Path } from '../compare/difference.js';
import { Comparer } from '../compare/values.js';
import type { Vector } from '../vectors/types.js';
import type { World } from '../world/world.js';
import { lockRecord } from './lock-record.js';
import type { Outcome } from './outcome.js';

/** Compares everything that has to match. */
export function compareRun(vector: Vector, world: World, outcome: Outcome): readonly Difference[] {
  const calls = world.transport.differences;
  // A replay that left the recording says nothing of what comes after.
  if (world.transport.hasEnded) return [...world.allocations.differences, ...calls];
  if (vector.expect.ganetiError === false) return compareCrash(outcome);
  return [
    ...calls,
    ...compareOutcome(vector, outcome),
    ...world.allocations.differences,
    ...compareCallCount(vector, world),
    ...compareAttempts(vector, world),
    ...compareHooks(vector, world),
    ...compareConfig(vector, world),
  ];
}

/** Where Ganeti crashes, some error is enough. */
function compareCrash(outcome: Outcome): readonly Difference[] {
  if (outcome.outcome === 'error') return [];
  return [{ field: 'outcome', path: '', expected: 'some error', actual: 'ok' }];
}

function compareOutcome({ expect }: Vector, outcome: Outcome): readonly Difference[] {
  const recorded = [expect.outcome, expect.errorClass, expect.errorCode];
  const came = outcome.outcome === 'ok' ? ['ok'] : ['error', outcome.errorClass, outcome.errorCode];
  const [expected, actual] = [recorded, came].map((words) => words.filter(Boolean).join(' '));
  if (expected !== actual) {
    const hint = outcome.outcome === 'error' ? outcome.message : JSON.stringify(outcome.result);
    return [{ field: 'outcome', path: '', expected, actual, hint }];
  }
  if (outcome.outcome === 'ok') return compareSets('result', expect.result, outcome.result);
  return compareSets('hooksFailures', expect.hooksFailures ?? [], outcome.hooksFailures ?? []);
}

function compareCallCount(vector: Vector, { transport }: World): readonly Difference[] {
  const missing = vector.rpc[transport.seen.length];
  if (missing === undefined) return [];
  const path = `[${transport.seen.length}].procedure`;
  return [{ field: 'rpc', path, expected: missing.procedure, actual: 'no further call' }];
}

function compareAttempts({ expect }: Vector, { lu, placeholders }: World): readonly Difference[] {
  const records = lu.attempts.map(lockRecord);
  const counts = new Comparer('attempts', placeholders);
  counts.compare(expect.attempts, records.length);
  const last = new Comparer('locks', placeholders, isAnyList);
  last.compare(withoutRetry(expect.locks), records.at(-1) ?? null);
  const earlier = new Comparer('earlierAttempts', placeholders, isAnyList);
  for (const [at, locks] of (expect.earlierAttempts ?? []).entries()) {
    earlier.compare(withoutRetry(locks), records[at] ?? null, [at]);
  }
  return [...counts.differences, ...last.differences, ...earlier.differences];
}

function withoutRetry(locks: object | null): unknown {
  if (locks === null) return null;
  const { retryPrepared, ...others } = locks as Record<string, unknown>;
  void retryPrepared;
  return others;
}

function compareHooks({ expect }: Vector, { transport, placeholders }: World): Difference[] {
  const runs = transport.seen.filter(({ procedure }) => procedure === 'call_hooks_runner');
  const seen = runs.map(({ nodes, args }) => [
    args['phase'],
    { nodes, path: args['hpath'], env: args['env'] },
  ]);
  const comparer = new Comparer('hooks', placeholders, ([, last]) => last === 'nodes');
  comparer.compare(expect.hooks, Object.fromEntries(seen));
  return [...comparer.differences];
}

function compareConfig({ expect }: Vector, { before, now, placeholders }: World): Difference[] {
  const comparer = new Comparer('configAfter', placeholders, ([first]) => first === 'removed');
  comparer.compare(expect.configAfter, diffConfigs(before, now()));
  return [...comparer.differences];
}

function compareSets(field: string, expected: unknown, actual: unknown): readonly Difference[] {
  const key = (value: unknown): string[] =>
    (Array.isArray(value) ? value : [value]).map((one) => JSON.stringify(one)).sort();
  const isSame = key(expected).join() === key(actual).join();
  return isSame ? [] : [{ field, path: '', expected, actual }];
}

function isAnyList(_path: Path): boolean {
  return true;
}
