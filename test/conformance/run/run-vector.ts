/**
 * Replays one vector and says where it came out differently.
 */
import { type DecodedCreateOp, decodeCreateOp } from '../../../src/ganeti/opcode/decode.js';
import type { Difference } from '../compare/difference.js';
import { opened } from '../compare/opened.js';
import type { JsonDict, Vector, WireLine } from '../vectors/types.js';
import { openWorld, type World } from '../world/world.js';
import { compareRun } from './compare-run.js';
import { type Outcome, outcomeOf } from './outcome.js';

/** How long the attempts of a recording wait for locks, milliseconds; the last one has no limit. */
const ATTEMPTS_MS = [10_000, 15_000, 30_000];

/** What came of a replay. */
export interface Replay {
  /** Where it was not as recorded; empty if the vector passes. */
  readonly differences: readonly Difference[];
  /** Where arguments were not encoded as recorded. */
  readonly wireDifferences: readonly Difference[];
  /** The calls that came. */
  readonly calls: readonly string[];
  readonly outcome: Outcome;
}

/** Replays a vector. What cannot be expressed is a difference, too. */
export async function runVector(
  vector: Vector,
  config: JsonDict,
  wire?: WireLine,
): Promise<Replay> {
  const opcode = decoded(vector);
  const world = await openWorld(vector, { config, wire, job: opcode.decoded?.job ?? {} });
  try {
    const outcome = await carryOut(vector, opcode, world);
    const differences = compareRun(vector, world, outcome);
    const calls = world.transport.seen.map(({ procedure }) => procedure);
    return { differences, wireDifferences: world.transport.wireDifferences, calls, outcome };
  } finally {
    await world.cluster.close();
  }
}

/** The opcode as a request, or why it is none. */
type Opcode =
  | { readonly decoded: DecodedCreateOp }
  | { readonly refusal: unknown; decoded?: never };

function decoded(vector: Vector): Opcode {
  try {
    return { decoded: decodeCreateOp(opened(vector.opcode.params)) };
  } catch (refusal) {
    return { refusal };
  }
}

function carryOut(vector: Vector, opcode: Opcode, world: World): Promise<Outcome> {
  const { cluster } = world;
  return outcomeOf(
    async () => {
      if (opcode.decoded === undefined) throw opcode.refusal;
      return await runOpcode(vector, opcode.decoded, world);
    },
    (name) => cluster.config.findNode(name)?.id ?? name,
  );
}

async function runOpcode(
  vector: Vector,
  { op, job, unsupported }: DecodedCreateOp,
  world: World,
): Promise<unknown> {
  if (unsupported.length > 0) {
    const paths = unsupported.map(({ path }) => path.join('.'));
    throw new Error(`the request has no field for ${paths.join(', ')}`);
  }
  const { cluster, lu } = world;
  const options = {
    ...(job.priority === undefined ? {} : { priority: job.priority }),
    lockAttemptsMs: vector.source.startsWith('unittest:') ? [] : ATTEMPTS_MS,
  };
  if (job.dryRun !== true) return await cluster.run(lu, op, options);
  const { primary, secondaries } = (await cluster.plan(lu, op, options)).plan.nodes;
  return [primary.id, ...secondaries.map(({ id }) => id)];
}
