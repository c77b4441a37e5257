/**
 * Recorded creations whose nodes give a damaged answer at some call, and at every later one of the
 * same procedure if so drawn. The run goes other ways from there on, so answers are looked up by
 * procedure: the next that was recorded, again the last one, or that it was done.
 */
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { GANETI_COMPATIBILITY } from '../../src/compatibility.js';
import { initConfig } from '../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { type ConfigData, readConfigData } from '../../src/ganeti/config/read.js';
import { decodeExport } from '../../src/ganeti/export/decode.js';
import { GanetiNodes } from '../../src/ganeti/node/ganeti-nodes.js';
import { decodeCreateOp } from '../../src/ganeti/opcode/decode.js';
import { allHypervisors } from '../../src/hypervisors/all.js';
import { instanceUndoActions } from '../../src/instance-create/undo-actions.js';
import { Secret } from '../../src/model/secret.js';
import { openCluster, type OpenCluster } from '../../src/open-cluster.js';
import type { JsonObject } from '../../src/ganeti/wire/json.js';
import type { NameResolver } from '../../src/ports/name-resolver.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { opened } from '../conformance/compare/opened.js';
import { readVectors } from '../conformance/vectors/read.js';
import type { JsonDict, Vector } from '../conformance/vectors/types.js';
import { lateBound } from '../conformance/world/late-bound.js';
import { RecordedResolver } from '../conformance/world/recorded-resolver.js';
import { type Damage, DamagedTransport } from './damaged-transport.js';
import type { Verdict } from './judge.js';
import { anyValue, damaged, edits } from './mutate.js';
import type { Subject } from './subject.js';
import { trial } from './trial.js';
import { WatchedCreate } from './watched-create.js';

/** A recorded creation, and the answer that is damaged. */
export interface DamagedRun extends Damage {
  /** Which creation. */
  readonly vector: string;
  /** Whose behaviour. */
  readonly ganeti: boolean;
}

const SET = readVectors();
const VECTORS = [...SET.scenarios, ...SET.unittest, ...SET.fuzz].filter(isUsable);
const BY_ID = new Map(VECTORS.map((vector) => [vector.id, vector]));

/** One that asks nodes, and no allocator: those have a campaign of their own. */
function isUsable({ rpc, iallocator, opcode }: Vector): boolean {
  if (rpc.length === 0 || iallocator.length > 0) return false;
  try {
    return decodeCreateOp(opened(opcode.params)).unsupported.length === 0;
  } catch {
    return false;
  }
}

/** Any of them, at any of its calls. */
export const damagedRuns: fc.Arbitrary<DamagedRun> = fc
  .constantFrom(...VECTORS)
  .chain((vector) => fc.tuple(fc.constant(vector), fc.nat(vector.rpc.length - 1)))
  .chain(([vector, at]) => {
    const [result] = Object.values(vector.rpc[at]?.results ?? {});
    const good = result?.payload ?? null;
    const bad = edits(4).map((damages) => damaged(good, damages));
    const payload = fc
      .oneof({ weight: 4, arbitrary: bad }, { weight: 1, arbitrary: anyValue })
      .filter((one) => !isDeepStrictEqual(one, good));
    return fc.record({
      vector: fc.constant(vector.id),
      at: fc.constant(at),
      payload,
      again: fc.nat(3).map((number) => number === 0),
      ganeti: fc.boolean(),
    });
  });

/** Runs it. */
export async function runDamaged(drawn: DamagedRun): Promise<Verdict> {
  const vector = BY_ID.get(drawn.vector);
  if (vector === undefined) throw new Error(`there is no vector ${drawn.vector}`);
  const subject = await openSubject(vector, drawn);
  const { op, job } = decodeCreateOp(opened(vector.opcode.params));
  const lu = new WatchedCreate();
  const { dryRun = false } = job;
  const verdict = await trial(subject, {
    run: (options) =>
      dryRun ? subject.cluster.plan(lu, op, options) : subject.cluster.run(lu, op, options),
    dryRun,
    keeps: drawn.ganeti,
    isCommitted: () => lu.isCommitted,
    cancelAt: 0,
  });
  return { ...verdict, label: `a creation: ${verdict.label}`, traits: lu.traits };
}

async function openSubject(vector: Vector, drawn: DamagedRun): Promise<Subject> {
  const { environment } = vector;
  const decoded = configOf(vector.config.$ref);
  const clock = new ManualClock(environment.now * 1000);
  const store = new MemoryKvStore();
  await initConfig({ store, clock, ...decoded });
  const transport = new DamagedTransport(vector.rpc, drawn);
  const later: { cluster?: OpenCluster } = {};
  const config = lateBound(() => later.cluster?.config);
  const nodes = new GanetiNodes({ transport, config, looksBefore: false });
  const secret = environment.cluster_domain_secret;
  const cluster = await openCluster({
    ...{ store, clock, ids: new SeededIds(1), rpc: nodes, hooks: nodes },
    resolver: resolverOf(environment),
    hypervisors: allHypervisors(),
    undoActions: instanceUndoActions,
    undoRetry: { attempts: 1, delayMs: 0 },
    compatibility: drawn.ganeti ? GANETI_COMPATIBILITY : {},
    site: {
      exportFormat: decodeExport,
      ...(secret === null ? {} : { domainSecret: new Secret(secret) }),
    },
  });
  later.cluster = cluster;
  return {
    ...{ cluster, clock, store, onNodes: () => [], onTheirWay: () => 0 },
    othersLeave: () => undefined,
    calm: () => transport.calm(),
  };
}

/** The run may come to questions to which the recording did not: then nothing answers. */
function resolverOf(environment: Vector['environment']): NameResolver {
  const recorded = new RecordedResolver(environment);
  return {
    resolve: (name) => recorded.resolve(name),
    answers: (ip, port) => recorded.answers(ip, port).catch(() => false),
  };
}

const configs = new Map<string, ConfigData>();

function configOf(id: string): ConfigData {
  const known = configs.get(id);
  if (known !== undefined) return known;
  const config = opened(SET.configs.get(id) as JsonDict) as JsonObject;
  const decoded = readConfigData(config);
  configs.set(id, decoded);
  return decoded;
}
