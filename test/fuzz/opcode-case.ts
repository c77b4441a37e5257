/**
 * One random request on one random cluster, and what must be true afterwards.
 *
 * O1 It ends, with a result or an error of ours which is no defect, in bounded time of its own.
 * O2 No lock, claim or waiting request stays, nor a timer.
 * O3 After an error before the work every byte of the store is as before, and so are the nodes.
 * O4 After an error of the work the same holds but for the cluster's serial number, once what
 *    `leaked` names was recovered. Ganeti's behaviour may leave what its switches say.
 */
import fc from 'fast-check';
import { LuError } from '../../src/errors.js';
import { decodeCreateOp } from '../../src/ganeti/opcode/decode.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import type { TestCluster } from '../../src/testing/test-cluster.js';
import { create } from '../instance-create/support.js';
import { type ClusterFacts, clusters } from './clusters.js';
import { drive } from './drive.js';
import { changes, dump, type Dump, withoutPorts, withoutSerial } from './dump.js';
import { errorLabel, flawsOfError, shown, type Verdict } from './judge.js';
import { type AnyRequest, requests } from './requests.js';
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

/** Runs a case. */
export async function runOpcodeCase({ facts, request }: OpcodeCase): Promise<Verdict> {
  const decoded = decode(request);
  if ('error' in decoded) {
    return { label: errorLabel(decoded.error, 'decode'), flaws: flawsOfError(decoded.error) };
  }
  const world = await openWorld(facts);
  const { cluster } = world;
  const before = await dump(cluster);
  const abort = new AbortController();
  let events = 0;
  const onReport = (): void => {
    events += 1;
    if (events === facts.weather.cancelAt) abort.abort();
  };
  const work = create(cluster, decoded.op, { signal: abort.signal, onReport });
  const driven = await drive(cluster.clock, work, () => abort.abort());
  const flaws = [...driven.flaws, ...(await held(world))];
  if (driven.error === undefined) {
    return { label: 'created', flaws: [...flaws, ...(await flawsOfSuccess(world, decoded.op))] };
  }
  const { error } = driven;
  return {
    label: labelOf(error, cluster),
    flaws: [...flaws, ...flawsOfError(error), ...(await flawsAfter(error, world, before, facts))],
  };
}

function decode({ way, request }: AnyRequest): { op: CreateOp } | { error: unknown } {
  if (way === 'ours') return { op: request as CreateOp };
  try {
    return { op: decodeCreateOp(request).op };
  } catch (error) {
    return { error };
  }
}

function labelOf(error: unknown, cluster: TestCluster): string {
  const label = errorLabel(error, hasWorked(cluster) ? 'work' : 'checks');
  return leaksOf(error) > 0 ? `${label}, leaked` : label;
}

function hasWorked({ events }: TestCluster): boolean {
  return events.some((event) => event.type === 'phaseStart' && event.phase === 'exec');
}

/** O2. */
async function held({ cluster, onTheirWay }: World): Promise<readonly string[]> {
  const kinds = /^(lock|waiting) |claims$/;
  const stays = (await cluster.leftovers()).filter((line) => kinds.test(line));
  const timers = cluster.clock.timers - onTheirWay();
  return [...stays, ...(timers > 0 ? [`${timers} timers`] : [])];
}

async function flawsOfSuccess({ cluster, transfers }: World, op: CreateOp): Promise<string[]> {
  const { entries } = await cluster.store.range('journal/');
  const name = String(op.instanceName).toLowerCase();
  const made = [...cluster.config.all('instance')].some((one) => one.name.startsWith(name));
  return [
    ...entries.map(({ key }) => `journal ${key}`),
    ...transfers.leftovers().map((line) => `transfer ${line}`),
    ...(made ? [] : [`no instance ${name}`]),
  ];
}

/** O3, O4. */
async function flawsAfter(
  error: unknown,
  world: World,
  before: Dump,
  facts: ClusterFacts,
): Promise<readonly string[]> {
  const { cluster } = world;
  if (!hasWorked(cluster)) {
    return [...(await changes(cluster, before)), ...(await remains(world))];
  }
  if (isDone(error)) return [];
  const leaks = leaksOf(error);
  if (facts.ganeti) return leaks > 0 ? [] : afterGaneti(cluster, before);
  if (leaks > 0) {
    cluster.nodes.faults.clear();
    const recovered = await drive(cluster.clock, cluster.recover(), () => undefined);
    if (recovered.error !== undefined) return [`recover: ${shown(recovered.error)}`];
    const report = await cluster.recover();
    if (report.operations.length > 0) return [`not recovered: ${JSON.stringify(report)}`];
  }
  const differences = await changes(cluster, before, withoutSerial);
  return [...differences, ...(await remains(world))];
}

async function remains({ cluster, transfers }: World): Promise<readonly string[]> {
  return [...(await cluster.leftovers()), ...transfers.leftovers()].map((one) => `left: ${one}`);
}

/** Nothing but the new instance, if it was kept, and lost ports. */
async function afterGaneti(cluster: TestCluster, before: Dump): Promise<readonly string[]> {
  const differences = await changes(cluster, before, withoutPorts);
  const known = [...before.keys()].filter((key) => key.startsWith('config/instance/')).length;
  const kept = cluster.config.count('instance') > known;
  const isOwn = (line: string): boolean => kept && /^changed: config\/(instance|disk)\//.test(line);
  const reserved = [...before.values()].some((value) => value.includes('"forthcoming":true'));
  return reserved ? [] : differences.filter((line) => !isOwn(line));
}

function isDone(error: unknown): boolean {
  return LuError.is(error) && (error.kind === 'result' || /is done and stays/.test(error.message));
}

function leaksOf(error: unknown): number {
  const { leaked } = error as { readonly leaked?: readonly unknown[] };
  return leaked?.length ?? 0;
}
