/**
 * Damaged inputs from outside, each brought to a healthy cluster on its real way: an export by an
 * import, an allocator's reply by a creation that asks for it, a handshake or a certificate by a
 * remote import, a node's reply by the calls of a recorded creation. Every one differs from the
 * good input that it was made of.
 */
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import type { ClusterFacts } from './clusters.js';
import { healthy } from './healthy.js';
import type { Verdict } from './judge.js';
import { CERTIFICATE } from '../instance-create/import-support.js';
import { anyValue, damaged, damagedText, edits, textEdits } from './mutate.js';
import { type NodeReplyCase, nodeReplyCases, runNodeReplyCase } from './node-replies.js';
import { runOnBench } from './bench.js';
import type { OpcodeCase } from './opcode-case.js';
import {
  ALLOCATOR_REPLIES,
  exportTexts,
  handshake,
  handshakeOf,
  signedAnyway,
  signedCertificate,
} from './samples.js';

/** Kinds of inputs that come with a request of ours. */
export const WITH_REQUEST = ['export', 'allocator-reply', 'handshake', 'certificate'] as const;

/** All kinds of inputs. */
export const INPUT_KINDS = [...WITH_REQUEST, 'node-reply'] as const;

/** One of them. */
export type InputKind = (typeof INPUT_KINDS)[number];

/** A damaged input, and what it is brought to. */
export type InputCase = OpcodeCase | NodeReplyCase;

function texts(good: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...good), textEdits(5))
    .map(([text, damages]) => ({ text, bad: damagedText(text, damages) }))
    .filter(({ text, bad }) => bad !== text)
    .map(({ bad }) => bad);
}

function values<T>(good: readonly T[]): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...good), edits(4))
    .map(([value, damages]) => ({ value, bad: damaged(value, damages) }))
    .filter(({ value, bad }) => !isDeepStrictEqual(bad, value))
    .map(({ bad }) => bad);
}

const replies = fc.oneof(
  { weight: 1, arbitrary: texts(ALLOCATOR_REPLIES) },
  {
    weight: 2,
    arbitrary: values(ALLOCATOR_REPLIES.map((text) => JSON.parse(text) as unknown)).map(
      (value) => JSON.stringify(value) ?? '',
    ),
  },
);

/** Damaged, or signed for what does not belong into one. */
const handshakes = fc.oneof(
  { weight: 4, arbitrary: values([handshake()]) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.oneof(fc.constant(0), anyValue), fc.oneof(fc.string(), anyValue))
      .map(([version, salt]): unknown => handshakeOf(version, salt))
      .filter((one) => !isDeepStrictEqual(one, handshake())),
  },
);

/** Damaged after it was signed, or before. */
const certificates = fc.oneof(
  { weight: 3, arbitrary: texts([signedCertificate()]) },
  { weight: 2, arbitrary: texts([CERTIFICATE]).map(signedAnyway) },
);

const NAMED = { instanceName: 'web1.example.com', nameCheck: false, ipCheck: false };
const SMALL = { ...NAMED, disks: [{ size: 64 }], nics: [{}], osType: 'debian' };
const PLACED = { diskTemplate: 'file', pnode: 'node1' };
const REMOTE = {
  ...{ ...SMALL, ...PLACED, mode: 'remote-import', sourceHandshake: handshake() },
  ...{ sourceX509Ca: signedCertificate(), sourceInstanceName: 'old.example.com' },
};
const IMPORT = { ...NAMED, ...PLACED, mode: 'import', srcNode: 'node2', srcPath: 'old' };

/** What the export says is asked for, or only its contents are. */
const IMPORTS = [
  { ...IMPORT, disks: [], nics: [] },
  { ...IMPORT, disks: [], nics: [], osType: 'debian', hypervisor: 'kvm' },
  { ...IMPORT, ...SMALL, hypervisor: 'fake' },
];
/** Asks for as many nodes as the reply, before it was damaged, may have had. */
function placement(reply: string): object {
  const isPair = /node1.*node/.test(reply);
  const how = isPair
    ? { diskTemplate: 'drbd', iallocator: 'program' }
    : { diskTemplate: 'plain', iallocator: '.' };
  return { ...SMALL, mode: 'create', ...how };
}

interface Brought {
  readonly request: object;
  readonly facts?: Partial<ClusterFacts>;
}

function caseOf<T>(
  inputs: fc.Arbitrary<T>,
  bring: (input: T, choice: number) => Brought,
): fc.Arbitrary<OpcodeCase> {
  return fc.tuple(inputs, fc.nat(5), fc.boolean()).map(([input, choice, ganeti]) => {
    const { request, facts = {} } = bring(input, choice);
    return {
      facts: healthy(ganeti, facts),
      request: { way: 'ours', request, dryRun: false },
    };
  });
}

/** Damaged inputs of each kind. */
export const INPUT_CASES: Readonly<Record<InputKind, fc.Arbitrary<InputCase>>> = {
  export: caseOf(texts(exportTexts()), (description, choice) => ({
    request: IMPORTS[choice % IMPORTS.length] ?? IMPORT,
    facts: { description },
  })),
  'allocator-reply': caseOf(replies, (reply) => ({
    request: placement(reply),
    facts: { reply },
  })),
  handshake: caseOf(handshakes, (sourceHandshake) => ({
    request: { ...REMOTE, sourceHandshake },
  })),
  certificate: caseOf(certificates, (sourceX509Ca) => ({
    request: { ...REMOTE, sourceX509Ca },
  })),
  'node-reply': nodeReplyCases,
};

/** Brings it. */
export function runInputCase(drawn: InputCase): Promise<Verdict> {
  return 'facts' in drawn ? runOnBench(drawn) : runNodeReplyCase(drawn);
}
