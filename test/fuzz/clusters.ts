/**
 * Random clusters: nodes in groups with all sorts of flags, small networks, instances that are
 * there, parameters, and nodes that go wrong.
 */
import fc from 'fast-check';
import { DISK_TEMPLATES, type DiskTemplate } from '../../src/model/disk-template.js';
import { HYPERVISOR_NAMES, type HypervisorName } from '../../src/model/hypervisor.js';
import type { Fault } from '../../src/testing/faults.js';
import type { HelperEnd } from './helper-machines.js';
import { ALLOCATOR_REPLIES, exportTexts } from './samples.js';
import { damagedText, textEdits } from './mutate.js';

const rarely = (probability: number): fc.Arbitrary<boolean> =>
  fc.nat(999).map((number) => number < probability * 1000);

/** A node, by its flags. */
const node = fc.record({
  offline: rarely(0.03),
  drained: rarely(0.03),
  vmCapable: rarely(0.97),
  exclusiveStorage: rarely(0.04),
  group: fc.nat(2),
  domain: rarely(0.2),
});

/** A call goes wrong before anything was done, or its answer is lost, or none ever comes. */
const manner = fc.oneof(
  fc.record({
    kind: fc.constant('before' as const),
    failure: fc.constantFrom('failed', 'failed', 'unreachable', 'timeout', 'exists', 'offline'),
  }),
  fc.record({
    kind: fc.constant('after' as const),
    failure: fc.constantFrom('unreachable', 'timeout'),
  }),
  fc.record({ kind: fc.constant('hang' as const) }),
) as fc.Arbitrary<Fault>;

const target = fc.record(
  {
    method: fc.constantFrom(
      ...['createStorageDir', 'createDisk', 'wipeDisk', 'installOs', 'startInstance'],
      ...['removeDisk', 'assembleDisk', 'shutdownDisk', 'pauseSync', 'mirrorStatus', 'hooks'],
      ...['nodeInfo', 'findOs', 'validateOs', 'validateHypervisor', 'bridgesExist'],
      ...['renameVolumes', 'volumes', 'deviceSizes', 'imageDisk', 'stopInstance'],
      ...['instanceStatus', 'publishMetadata', 'volumeGroups'],
    ),
    node: fc.constantFrom('node1', 'node2', 'node3'),
    nth: fc.integer({ min: 1, max: 4 }),
    times: fc.constantFrom(1, 1, 2, 50),
  },
  { requiredKeys: ['nth'] },
);

/** Which call goes wrong, and how. */
const fault: fc.Arbitrary<Fault> = fc.tuple(target, manner).map(([a, b]) => ({ ...a, ...b }));

/** The work fails, and then what takes it back does, too. */
const storm: fc.Arbitrary<readonly Fault[]> = fc.tuple(
  fc.record({
    method: fc.constantFrom('createDisk', 'wipeDisk', 'installOs', 'startInstance', 'findOs'),
    nth: fc.constantFrom(1, 2),
    times: fc.constant(50),
    failure: fc.constantFrom('failed', 'unreachable', 'timeout'),
  }),
  fc.record({
    method: fc.constantFrom('removeDisk', 'removeStorageDir', 'stopInstance', 'renameVolumes'),
    nth: fc.constantFrom(1, 2),
    times: fc.constantFrom(1, 50),
    kind: fc.constantFrom('before', 'after', 'hang'),
    failure: fc.constantFrom('unreachable', 'timeout'),
  }),
);

/** The second machine that is to stop is a helper machine, after its work. */
const stubborn = fc.record({
  method: fc.constant('stopInstance'),
  nth: fc.constant(2),
  times: fc.constantFrom(1, 50),
  kind: fc.constantFrom('before', 'after', 'hang'),
  failure: fc.constantFrom('failed', 'unreachable', 'timeout'),
}) as fc.Arbitrary<Fault>;

/** A call that is answered late. */
const lateness = fc.record({
  method: fc.constantFrom('createDisk', 'nodeInfo', 'installOs', 'mirrorStatus', 'startInstance'),
  delayMs: fc.constantFrom(1, 5000, 3_600_000),
});

/** What somebody else has locked when the request comes, and how long. */
const neighbour = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Neighbour>({ holds: 'nothing', forMs: 0 }) },
  {
    weight: 1,
    arbitrary: fc.record({
      holds: fc.constantFrom('node', 'nodes', 'instance', 'cluster'),
      forMs: fc.constantFrom(1, 5000, 30_000, 3_600_000),
    }),
  },
);

/** How long the caller waits for locks. */
const patience = fc.constantFrom<Patience>(
  {},
  {},
  { lockTimeoutMs: 4000 },
  { lockAttemptsMs: [1000, 2000] },
  { lockAttemptsMs: [] },
);

/** What nodes and neighbours do. */
const weather = fc.record({
  faults: fc.oneof(
    { weight: 3, arbitrary: fc.constant<readonly Fault[]>([]) },
    { weight: 2, arbitrary: fc.array(fault, { maxLength: 3 }) },
    { weight: 1, arbitrary: storm },
    { weight: 1, arbitrary: fc.tuple(stubborn) },
  ),
  late: fc.oneof(
    { weight: 6, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(lateness, { maxLength: 2 }) },
  ),
  /** How often mirrors are asked before they agree; some never do. */
  syncPolls: fc.constantFrom(0, 0, 1, 3),
  degraded: rarely(0.05),
  hook: fc.constantFrom('none', 'none', 'none', 'ok', 'ok', 'ok', 'post', 'pre'),
  /** The caller gives up at the n-th event. */
  cancelAt: fc.oneof(
    { weight: 14, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 60 }) },
  ),
  /** The caller gives up after the n-th timer: in the middle of a wait. */
  giveUpAt: fc.oneof(
    { weight: 10, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 12 }) },
  ),
  /** How transfers end. */
  transfer: fc.constantFrom('ok', 'ok', 'ok', 'fails', 'unknown', 'hangs'),
  helper: fc.constantFrom<HelperEnd>('stops', 'stops', 'vanishes', 'hangs'),
});

const description = fc.oneof(
  { weight: 2, arbitrary: fc.constant(exportTexts()[0] ?? '') },
  { weight: 1, arbitrary: fc.constantFrom(...exportTexts()) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...exportTexts()), textEdits(3))
      .map(([text, damages]) => damagedText(text, damages)),
  },
);

/** What the allocator program prints: answers that fit, nonsense, and a node that is none. */
const REPLIES: readonly string[] = [
  ...ALLOCATOR_REPLIES.slice(0, 4),
  '[1, 2',
  '{"success": true, "info": "", "result": ["nobody"]}',
];

function mostly<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

function subset<T>(all: readonly T[]): fc.Arbitrary<readonly T[]> {
  return fc.oneof(
    { weight: 7, arbitrary: fc.constant(all) },
    { weight: 1, arbitrary: fc.shuffledSubarray([...all], { minLength: 1 }) },
  );
}

/** Somebody else, who holds locks. */
export interface Neighbour {
  readonly holds: 'nothing' | 'node' | 'nodes' | 'instance' | 'cluster';
  readonly forMs: number;
}

/** Limits to waiting for locks, as `RunOptions` has them. */
export interface Patience {
  readonly lockTimeoutMs?: number;
  readonly lockAttemptsMs?: readonly number[];
}

/** Facts of a random cluster, as plain data. */
export interface ClusterFacts {
  readonly seed: number;
  readonly nodes: readonly {
    readonly offline: boolean;
    readonly drained: boolean;
    readonly vmCapable: boolean;
    readonly exclusiveStorage: boolean;
    readonly group: number;
    readonly domain: boolean;
  }[];
  readonly groups: number;
  readonly networks: number;
  readonly instances: number;
  readonly templates: readonly DiskTemplate[];
  readonly hypervisors: readonly HypervisorName[];
  readonly ganeti: boolean;
  readonly policy: string;
  readonly wipeDisks: boolean;
  readonly volumeGroup: string;
  readonly portsLeft: number;
  readonly memoryFreeMib: number;
  readonly storageFreeMib: number;
  readonly macPrefix: string;
  readonly communication: string;
  readonly description: string;
  readonly reply: string;
  readonly installImage: string;
  readonly defaultAllocator: string;
  readonly trusted: boolean;
  readonly family: 4 | 6;
  readonly neighbour: Neighbour;
  readonly patience: Patience;
  readonly weather: {
    readonly faults: readonly Fault[];
    readonly late: readonly { readonly method: string; readonly delayMs: number }[];
    readonly syncPolls: number;
    readonly degraded: boolean;
    readonly hook: string;
    readonly cancelAt: number;
    readonly giveUpAt: number;
    readonly transfer: string;
    readonly helper: HelperEnd;
  };
}

/** Any cluster. */
export const clusters: fc.Arbitrary<ClusterFacts> = fc.record({
  seed: fc.nat(),
  nodes: fc
    .constantFrom(1, 2, 2, 3, 3, 3, 4, 5)
    .chain((count) => fc.array(node, { minLength: count, maxLength: count })),
  groups: fc.constantFrom(1, 1, 2, 3),
  networks: fc.constantFrom(0, 2, 2, 2, 2, 3, 3, 3),
  instances: fc.constantFrom(0, 1, 2, 2, 3, 3),
  templates: subset(DISK_TEMPLATES),
  hypervisors: subset(HYPERVISOR_NAMES),
  ganeti: fc.boolean(),
  policy: mostly('lenient', 'strict', 'small', 'templates', 'ratios'),
  wipeDisks: rarely(0.25),
  volumeGroup: mostly('xenvg', '', 'fast'),
  portsLeft: mostly(50, 0, 1),
  memoryFreeMib: mostly(32_768, 0, 100),
  storageFreeMib: mostly(500_000, 0, 100),
  macPrefix: mostly('aa:00:00', 'fe:ed:00'),
  communication: mostly('', 'lan', 'gone'),
  description,
  reply: fc.constantFrom(...REPLIES),
  installImage: mostly('/img', ''),
  defaultAllocator: mostly('most-free', '', 'program', 'hail'),
  trusted: rarely(0.9),
  family: mostly<4 | 6>(4, 6),
  neighbour,
  patience,
  weather,
});
