/**
 * Damaged answers of node daemons: to one recorded call of each procedure, which has to become a
 * reply; and somewhere in a recorded creation, which has to end as any operation has to.
 */
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { LuError } from '../../src/errors.js';
import { GanetiNodes } from '../../src/ganeti/node/ganeti-nodes.js';
import type { ConfigReader } from '../../src/ports/config-store.js';
import { RecordedTransport } from '../ganeti/node/recorded.js';
import { replay } from '../ganeti/node/replay.js';
import { SAMPLE, type SampleCall, sampleConfig } from '../ganeti/node/sample.js';
import { errorLabel, flawsOfError, shown, type Verdict } from './judge.js';
import { anyValue, damaged, edits } from './mutate.js';
import { type DamagedRun, damagedRuns, runDamaged } from './damaged-run.js';

/** A damaged answer to one call. */
interface DamagedCall {
  /** Which of the sample. */
  readonly call: number;
  readonly payload: unknown;
}

/** A damaged answer. */
export type NodeReplyCase = DamagedCall | DamagedRun;

const calls: fc.Arbitrary<DamagedCall> = fc.nat(SAMPLE.calls.length - 1).chain((call) => {
  const good = goodPayload(SAMPLE.calls[call]);
  const bad = edits(4).map((damages) => damaged(good, damages));
  const payload = fc
    .oneof({ weight: 4, arbitrary: bad }, { weight: 1, arbitrary: anyValue })
    .filter((one) => !isDeepStrictEqual(one, good));
  return fc.record({ call: fc.constant(call), payload });
});

/** Damaged answers of all sorts. */
export const nodeReplyCases: fc.Arbitrary<NodeReplyCase> = fc.oneof(
  { weight: 1, arbitrary: calls },
  { weight: 2, arbitrary: damagedRuns },
);

/** Runs a case. */
export function runNodeReplyCase(drawn: NodeReplyCase): Promise<Verdict> {
  return 'vector' in drawn ? runDamaged(drawn) : runCall(drawn);
}

function goodPayload(call: SampleCall | undefined): unknown {
  const [result] = Object.values(call?.results ?? {});
  return result?.payload ?? null;
}

async function runCall({ call, payload }: DamagedCall): Promise<Verdict> {
  try {
    return judged(await answered(call, payload));
  } catch (error) {
    const label = errorLabel(error, 'one call');
    return { label, stage: 'decode', flaws: [...flawsOfError(error), `rejected: ${shown(error)}`] };
  }
}

function answered(index: number, payload: unknown): Promise<unknown> {
  const recorded = SAMPLE.calls[index];
  if (recorded === undefined) throw new Error('there is no such call');
  const config = configFor(recorded);
  const result = { fail_msg: null, offline: false, payload };
  const results = Object.fromEntries(recorded.nodes.map((node) => [node, result]));
  const nodes = new GanetiNodes({
    transport: new RecordedTransport(results),
    config,
    looksBefore: false,
  });
  return Promise.resolve(replay(recorded, nodes, config));
}

const configs = new Map<string, ConfigReader>();

function configFor(recorded: SampleCall): ConfigReader {
  const key = `${recorded.config} ${recorded.taken.join()}`;
  const config = configs.get(key) ?? sampleConfig(recorded);
  configs.set(key, config);
  return config;
}

/** A reply is an answer that was read, or a failure with a reason. */
function judged(outcome: unknown): Verdict {
  const all: readonly unknown[] = outcome instanceof Map ? [...outcome.values()] : [outcome];
  const flaws = all.filter((reply) => !isReply(reply));
  const isRead = all.every((reply) => (reply as { ok?: unknown } | null)?.ok === true);
  return {
    label: `one call: ${isRead ? 'read' : 'failed'}`,
    stage: isRead ? 'done' : 'decode',
    flaws: flaws.map((reply) => `no reply: ${JSON.stringify(reply)}`),
  };
}

function isReply(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || LuError.is(value)) return false;
  const reply = value as { readonly ok?: unknown; readonly message?: unknown };
  if (reply.ok === true) return !holdsNoNumber((value as { payload?: unknown }).payload);
  return reply.ok === false && typeof reply.message === 'string' && reply.message !== '';
}

/** Numbers that are none come from text that was not checked. */
function holdsNoNumber(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  if (value instanceof Map) return [...value.values()].some(holdsNoNumber);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(holdsNoNumber);
}
