/**
 * The rules of the house as data: who may import whom, which packages and which parts of the
 * platform a room may use, and how large things may grow. Rules read these tables; extending the
 * library means adding a line here, in review, and not in the code of a rule.
 */

/** Below everything: the words that every room speaks. */
const WORDS = ['ports', 'model', 'errors'] as const;

/** What an operation is written in; none of it knows how an operation is run. */
const LU_WORDS = [
  'lu-base',
  'lu-helpers',
  'tasklet',
  'hooks/spec',
  'hooks/env',
  'hooks/instance-env',
  'locks/plan',
  'locks/level',
  ...WORDS,
] as const;

/** All of the core: neither an operation, nor an adapter, nor the test kit. */
const CORE = [
  'open-cluster',
  'processor',
  'phases',
  'session',
  'attempt',
  'fenced',
  'recovery',
  'reports',
  'until-aborted',
  'host',
  'compatibility',
  'lu-base',
  'lu-helpers',
  'tasklet',
  'hooks',
  'locks',
  'config',
  'journal',
  ...WORDS,
] as const;

/**
 * A room is a folder or a file of src/. It may import itself and what its line names: a whole room
 * (`locks`) or one file or folder of it (`locks/plan`).
 */
export const ALLOWED_IMPORTS: Readonly<Record<string, readonly string[]>> = {
  'error-facts': [],
  errors: ['error-facts'],
  model: ['errors'],
  ports: ['model', 'errors'],
  // The pure parts and their shells; each is usable alone.
  locks: WORDS,
  hooks: WORDS,
  config: WORDS,
  journal: WORDS,
  hypervisors: WORDS,
  allocators: WORDS,
  // What an operation is.
  'lu-base': ['compatibility', 'hooks/spec', 'locks/plan', 'locks/level', ...WORDS],
  'lu-helpers': [
    'lu-base',
    'hooks/spec',
    'hooks/instance-env',
    'locks/plan',
    'locks/level',
    ...WORDS,
  ],
  tasklet: ['lu-base', 'lu-helpers', ...WORDS],
  transfer: ['lu-base', ...WORDS],
  'instance-create': ['transfer', ...LU_WORDS],
  lus: [
    'instance-create/undo-actions',
    'instance-create/undo-entries',
    'instance-create/undo-use',
    'instance-create/look-up-node',
    'instance-create/exec/helper-disks',
    'transfer',
    ...LU_WORDS,
  ],
  // How an operation is run.
  compatibility: ['hooks/policy'],
  reports: WORDS,
  'until-aborted': [],
  host: ['compatibility', 'hooks', 'journal', ...WORDS],
  fenced: ['host', 'reports', 'until-aborted', ...WORDS],
  recovery: ['host', 'journal', 'reports', 'fenced/owner-fence', 'fenced/undo-context', ...WORDS],
  attempt: ['host', 'reports', 'until-aborted', 'lu-base', 'locks', 'journal', 'fenced', ...WORDS],
  session: [
    'attempt',
    'fenced/owner-fence',
    'until-aborted',
    'reports',
    'host',
    'compatibility',
    'lu-base',
    'locks',
    ...WORDS,
  ],
  phases: ['session', 'host', 'lu-base', 'hooks', ...WORDS],
  processor: [
    'phases',
    'session',
    'attempt/claims-taken',
    'host',
    'reports',
    'lu-base',
    'locks',
    ...WORDS,
  ],
  'open-cluster': CORE.filter((name) => name !== 'open-cluster'),
  // Doors and adapters.
  local: ['hooks/spec', 'hooks/env', 'hypervisors', ...WORDS],
  // The request's shape, so that opcodes are translated into it and not into a copy.
  ganeti: ['instance-create/op', ...WORDS],
  lmdb: WORDS,
  // Locks that are shared are decided by the same state machine as those of one process.
  etcd: [
    'locks/allocation',
    'locks/choice',
    'locks/explain',
    'locks/image',
    'locks/level',
    'locks/limits',
    'locks/queue',
    'locks/waiter',
    'locks/wishes',
    ...WORDS,
  ],
  testing: CORE,
  index: ['instance-create', 'lus', 'hypervisors', 'allocators', ...CORE],
};

/** Narrower than the table above: `from` never imports `to`. */
export const FORBIDDEN_IMPORTS: readonly { readonly from: string; readonly to: string }[] = [
  { from: 'instance-create/args', to: 'instance-create/prereq' },
  { from: 'instance-create/args', to: 'instance-create/exec' },
  { from: 'instance-create/prereq', to: 'instance-create/exec' },
  { from: 'instance-create/exec', to: 'instance-create/prereq' },
];

/** The packages that any room may import: the runtime dependencies, and no more. */
export const CORE_PACKAGES: readonly string[] = ['zod', 'immer', 'eventemitter3', 'tslib'];

/** Packages of one adapter: optional peers, imported in that room only. */
export const ADAPTER_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  lmdb: ['lmdb'],
  etcd: ['@grpc/grpc-js', '@grpc/proto-loader'],
};

/** The parts of Node that the core may use: they touch neither files nor processes nor sockets. */
export const CORE_BUILTINS: readonly string[] = ['node:util', 'node:net'];

/** What a room may use on top of that. */
export const ROOM_BUILTINS: Readonly<Record<string, readonly string[]>> = {
  // The signal of lost locks has a listener for each operation that runs.
  'open-cluster': ['node:events'],
  testing: ['node:assert/strict'],
  // The word by which two sides know each other is a hash.
  transfer: ['node:crypto'],
  // Signatures and certificates between clusters; chance is found by the rule against it.
  'instance-create': ['node:crypto'],
  // A configuration is a file there, allocators are programs, and node daemons are reached over
  // HTTPS, with certificates that lie in files.
  ganeti: [
    'node:child_process',
    'node:crypto',
    'node:fs',
    'node:fs/promises',
    'node:http',
    'node:https',
    'node:os',
    'node:path',
    'node:stream',
    'node:tls',
  ],
};

/** Rooms that meet the machine and may use all of Node. */
export const ROOMS_ON_THE_MACHINE: readonly string[] = ['local', 'lmdb', 'etcd'];

/** The files in which time and randomness enter the library, and what each of them may use. */
export const SOURCES_OF_CHANCE: Readonly<Record<string, readonly string[]>> = {
  'src/local/system-clock.ts': [
    'Date',
    'performance',
    'setTimeout',
    'clearTimeout',
    'setImmediate',
  ],
  'src/local/random-ids.ts': ['randomUUID', 'randomBytes', 'randomInt'],
};

/** Names that stand for time or chance; whoever needs one asks `Clock` or `Ids` instead. */
export const CHANCE: Readonly<Record<string, string>> = {
  Date: 'Clock.now()',
  performance: 'Clock.monotonic()',
  hrtime: 'Clock.monotonic()',
  setTimeout: 'Clock.timer() or sleep()',
  setInterval: 'Clock.timer()',
  setImmediate: 'a microtask, or Clock.timer()',
  randomUUID: 'Ids.uuid()',
  randomBytes: 'Ids.hex()',
  randomInt: 'Ids.integer()',
  getRandomValues: 'Ids.hex()',
};

/** Files that decide and never wait: no promise in them. */
export const PURE_FILES: readonly string[] = [
  'src/locks/level.ts',
  'src/locks/plan.ts',
  'src/locks/allocation.ts',
  'src/locks/direct.ts',
  'src/locks/settling.ts',
  'src/locks/queue.ts',
  'src/locks/image.ts',
  'src/etcd/locks/mirror.ts',
  'src/etcd/locks/steps.ts',
  'src/etcd/locks/table.ts',
  'src/etcd/locks/transaction.ts',
  'src/hooks/env.ts',
];

/** Hard limits; the aim is far below them. */
export const LIMITS = {
  fileLines: 300,
  functionLines: 70,
  columns: 100,
  headerLetters: 24,
} as const;
