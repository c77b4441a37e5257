/**
 * One random request on one random cluster, put on trial. A reservation that succeeds is used by a
 * second request.
 */
import fc from 'fast-check';
import type { CreateOp } from '../../src/instance-create/op.js';
import { decodeCreateOp, parseCreateOp } from '../../src/ganeti/opcode/decode.js';
import type { OpcodeJob } from '../../src/ganeti/opcode/params.js';
import { type ClusterFacts, clusters } from './clusters.js';
import { errorLabel, flawsOfError, type Verdict } from './judge.js';
import { type AnyRequest, requests } from './requests.js';
import { trial } from './trial.js';
import { WatchedCreate } from './watched-create.js';
import { openWorld, type World } from './world.js';

/** A request and the cluster it is for. */
export interface OpcodeCase {
  readonly facts: ClusterFacts;
  readonly request: AnyRequest;
}

/** Any case. Rare things are to be rare: fast-check would prefer small numbers. */
export const opcodeCases: fc.Arbitrary<OpcodeCase> = fc.noBias(
  fc.record({ facts: clusters, request: requests }),
);

/** Runs a case, on a cluster of its own if no other is given. */
export async function runOpcodeCase(
  { facts, request }: OpcodeCase,
  open: (facts: ClusterFacts) => Promise<World> = openWorld,
): Promise<Verdict> {
  const decoded = decode(request);
  if ('error' in decoded) {
    const { error } = decoded;
    return { label: errorLabel(error, 'decode'), stage: 'decode', flaws: flawsOfError(error) };
  }
  const world = await open(facts);
  const verdict = await onTrial(world, facts, decoded);
  const { op } = decoded;
  if (verdict.label !== 'created' || op.forthcoming !== true) return verdict;
  const second = await onTrial(world, facts, { op: used(op), job: {} });
  const flaws = [...verdict.flaws, ...second.flaws.map((flaw) => `when used: ${flaw}`)];
  const traits = [...(verdict.traits ?? []), ...(second.traits ?? [])];
  return { ...second, label: `reserved, then ${second.label}`, traits, flaws };
}

interface Decoded {
  readonly op: CreateOp;
  readonly job: OpcodeJob;
}

function decode({ way, request, dryRun }: AnyRequest): Decoded | { error: unknown } {
  if (way === 'ours') return { op: request as CreateOp, job: { dryRun } };
  try {
    return way === 'wire' ? decodeCreateOp(request) : parseCreateOp(request as string);
  } catch (error) {
    return { error };
  }
}

function used({ forthcoming: _, ...op }: CreateOp): CreateOp {
  return { ...op, commit: true };
}

async function onTrial(
  world: World,
  { ganeti, weather, patience }: ClusterFacts,
  { op, job }: Decoded,
): Promise<Verdict> {
  const lu = new WatchedCreate();
  const { dryRun = false, priority } = job;
  const verdict = await trial(world, {
    run: (options) => {
      const all = { ...options, ...patience, ...(priority === undefined ? {} : { priority }) };
      return dryRun ? world.cluster.plan(lu, op, all) : world.cluster.run(lu, op, all);
    },
    dryRun,
    keeps: ganeti,
    isCommitted: () => lu.isCommitted,
    cancelAt: weather.cancelAt,
    ...(weather.giveUpAt === 0 ? {} : { patience: weather.giveUpAt }),
  });
  return { ...verdict, traits: lu.traits };
}
