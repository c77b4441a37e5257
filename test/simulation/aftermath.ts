/**
 * What must be the case when all is over: nothing is left behind, and everybody agrees.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Disk, whereOf } from '../../src/model/disk.js';
import type { NodeId } from '../../src/model/ids.js';
import type { OpenCluster } from '../../src/open-cluster.js';
import type { KvStore } from '../../src/ports/kv-store.js';
import type { StubNodes } from '../../src/testing/stub-nodes.js';
import { NODES } from './site.js';

const KINDS = ['cluster', 'group', 'node', 'network', 'instance', 'disk'] as const;
const LEFT = /^(journal|locks\/(owner|fence|turn)|config\/claimed)\//;

type Reader = OpenCluster['config'];

/** Keys that should be gone; `alive` is how many members there should be. */
export async function leftKeys(store: KvStore, alive: number): Promise<readonly string[]> {
  const { entries } = await store.range('');
  const keys = entries.map(({ key }) => key);
  const members = keys.filter((key) => key.startsWith('members/'));
  return [...keys.filter((key) => LEFT.test(key)), ...members.slice(alive)];
}

/**
 * What is wrong in the end. `maybeStopped`: guests that somebody wanted to stop and was not told
 * whether they were; a stop is not taken back.
 */
export async function flawsOf(
  store: KvStore,
  nodes: StubNodes,
  clusters: readonly OpenCluster[],
  maybeStopped: ReadonlySet<string>,
): Promise<readonly string[]> {
  const keys = (await leftKeys(store, clusters.length)).map((key) => `${key} is left behind`);
  const [first] = clusters;
  if (first === undefined) return [...keys, 'nobody is alive'];
  return [
    ...keys,
    ...clusters.flatMap(({ config }, at) => differences(first.config, config, at)),
    ...strayThings(first.config, nodes, maybeStopped),
  ];
}

function differences(one: Reader, other: Reader, at: number): string[] {
  const flaws = KINDS.filter((kind) => !isDeepStrictEqual(all(one, kind), all(other, kind)));
  if (other.claimCount > 0) return [`process ${at} has ${other.claimCount} claims`];
  return flaws.map((kind) => `process ${at} knows another ${kind} than process 0`);
}

function all(config: Reader, kind: (typeof KINDS)[number]): unknown {
  if (kind === 'cluster') return config.cluster;
  return [...config.all(kind)].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function strayThings(
  config: Reader,
  nodes: StubNodes,
  maybeStopped: ReadonlySet<string>,
): string[] {
  const should = new Set<string>();
  const may = new Set<string>();
  for (const disk of config.all('disk'))
    for (const line of placesOf(config, disk)) should.add(line);
  for (const { name, primaryNode, adminState } of config.all('instance')) {
    if (adminState !== 'up') continue;
    (maybeStopped.has(name) ? may : should).add(`${NODES.get(primaryNode) ?? ''} running ${name}`);
  }
  const are = nodes.leftovers().filter((line) => !/ (directory|active) /.test(line));
  const empty = nodes.leftovers().filter((line) => {
    const [node, kind, path] = line.split(' ');
    return (
      kind === 'directory' && ![...should].some((each) => each.startsWith(`${node} disk ${path}/`))
    );
  });
  return [
    ...are.filter((line) => !should.has(line) && !may.has(line)).map((line) => `left on ${line}`),
    ...empty.map((line) => `left on ${line}`),
    ...[...should].filter((line) => !are.includes(line)).map((line) => `missing on ${line}`),
  ];
}

/** Where a disk lies, with all that it is made of. */
function placesOf(config: Reader, disk: Disk): string[] {
  const owner = config.instance(disk.instanceId);
  const on: readonly NodeId[] = [owner.primaryNode, ...owner.secondaryNodes];
  const things = [disk, ...(disk.parts ?? [])];
  return on.flatMap((node) => {
    return things.map(({ location }) => `${NODES.get(node) ?? ''} disk ${whereOf(location)}`);
  });
}
