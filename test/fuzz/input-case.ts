/**
 * Damaged inputs from outside: each becomes a value or a typed error, and an answer of a node a
 * reply, soon.
 */
import fc from 'fast-check';
import { LuError } from '../../src/errors.js';
import { parseAllocatorAnswer } from '../../src/ganeti/allocator/answer.js';
import { decodeExport } from '../../src/ganeti/export/decode.js';
import { GanetiNodes } from '../../src/ganeti/node/ganeti-nodes.js';
import {
  checkValidity,
  readSignedCertificate,
} from '../../src/instance-create/trust/certificate.js';
import { checkHandshake } from '../../src/instance-create/trust/handshake.js';
import type { ConfigReader } from '../../src/ports/config-store.js';
import { type RecordedResult, RecordedTransport } from '../ganeti/node/recorded.js';
import { replay } from '../ganeti/node/replay.js';
import { SAMPLE, type SampleCall, sampleConfig } from '../ganeti/node/sample.js';
import { SECRET } from '../instance-create/import-support.js';
import { errorLabel, flawsOfError, type Verdict } from './judge.js';
import { anyValue, damaged, damagedText, edits, textEdits } from './mutate.js';
import { ALLOCATOR_REPLIES, exportTexts, handshake, signedCertificate } from './samples.js';

/** A damaged input. */
export interface InputCase {
  readonly kind: keyof typeof READERS;
  readonly input: unknown;
  /** Which of the recorded calls is answered. */
  readonly call: number;
}

function texts(good: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...good), textEdits(5))
    .map(([text, damages]) => damagedText(text, damages));
}

function values(good: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...good), edits(4))
    .map(([value, damages]) => damaged(value, damages));
}

const replies = fc.oneof(
  texts(ALLOCATOR_REPLIES),
  values(ALLOCATOR_REPLIES.map((text) => JSON.parse(text) as unknown)).map(
    (value) => JSON.stringify(value) ?? '',
  ),
);

/** A node's payload: a recorded one that was damaged, or anything. */
const payloads = fc.nat(SAMPLE.calls.length - 1).chain((call) => {
  const [result] = Object.values(SAMPLE.calls[call]?.results ?? {});
  const input = fc.oneof(
    { weight: 4, arbitrary: values([result?.payload ?? null]) },
    { weight: 1, arbitrary: anyValue },
  );
  return fc.record({ kind: fc.constant('node reply' as const), input, call: fc.constant(call) });
});

function caseOf(kind: InputCase['kind'], input: fc.Arbitrary<unknown>): fc.Arbitrary<InputCase> {
  return fc.record({ kind: fc.constant(kind), input, call: fc.constant(0) });
}

/** Any damaged input. */
export const inputCases: fc.Arbitrary<InputCase> = fc.oneof(
  caseOf('export', texts(exportTexts())),
  caseOf('allocator reply', replies),
  payloads,
  caseOf('handshake', values([handshake()])),
  caseOf('certificate', texts([signedCertificate()])),
);

type Reader = (input: unknown, call: number) => unknown;

const READERS = {
  export: (text) => decodeExport(text as string),
  'allocator reply': (text, call) => parseAllocatorAnswer(text as string, 1 + (call % 2)),
  'node reply': (payload, call) => answered(payload, call),
  handshake: (value) => {
    // What is no list is refused by the request's schema.
    if (value === undefined || Array.isArray(value)) checkHandshake(SECRET, value);
  },
  certificate: (text) => {
    checkValidity(readSignedCertificate(text as string, SECRET), Date.UTC(2026, 0, 1));
  },
} as const satisfies Readonly<Record<string, Reader>>;

/** Reads it. */
export async function runInputCase({ kind, input, call }: InputCase): Promise<Verdict> {
  try {
    const outcome: unknown = await READERS[kind](input, call);
    return kind === 'node reply' ? verdictOn(outcome) : { label: `${kind}: read`, flaws: [] };
  } catch (error) {
    const flaws = flawsOfError(error);
    const isRejected = kind === 'node reply' && LuError.is(error);
    return {
      label: errorLabel(error, kind),
      flaws: isRejected ? [...flaws, `rejected: ${error.message}`] : flaws,
    };
  }
}

const configs = new Map<string, ConfigReader>();

function configFor(recorded: SampleCall): ConfigReader {
  const key = `${recorded.config} ${recorded.taken.join()}`;
  const config = configs.get(key) ?? sampleConfig(recorded);
  configs.set(key, config);
  return config;
}

function answered(payload: unknown, index: number): Promise<unknown> {
  const recorded = SAMPLE.calls[index];
  if (recorded === undefined) throw new Error('there is no such call');
  const config = configFor(recorded);
  const result: RecordedResult = { fail_msg: null, offline: false, payload };
  const results = Object.fromEntries(recorded.nodes.map((node) => [node, result]));
  const transport = new RecordedTransport(results);
  return Promise.resolve(
    replay(recorded, new GanetiNodes({ transport, config, looksBefore: false }), config),
  );
}

function verdictOn(outcome: unknown): Verdict {
  const all: readonly unknown[] = outcome instanceof Map ? [...outcome.values()] : [outcome];
  const oks = all.map((reply) => (reply as { ok?: unknown } | undefined)?.ok);
  if (oks.some((ok) => typeof ok !== 'boolean')) {
    return { label: 'node reply: none', flaws: [`no reply: ${JSON.stringify(outcome)}`] };
  }
  return { label: `node reply: ${oks.every(Boolean) ? 'read' : 'failed'}`, flaws: [] };
}
