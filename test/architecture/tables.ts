/**
 * The rules of the house as data: who may import whom, which packages and which parts of the
 * platform a room may use, and how large things may grow. Rules read these tables; extending the
 * library means adding a line here, in review, and not in the code of a rule.
 */

/** Below everything: the words that every room speaks. */
const WORDS = ['ports', 'model', 'errors'] as const;

/** What an operation is written in. */
const LU_WORDS = [
  'lu-base',
  'hooks/spec',
  'hooks/env',
  'hooks/instance-env',
  'locks/plan',
  'locks/level',
  ...WORDS,
] as const;

/** All of the core: neither an operation, nor an adapter, nor the test kit. */
const CORE = [
  'processor',
  'hook-phases',
  'session',
  'host',
  'bound-rpc',
  'reports',
  'failure',
  'compatibility',
  'lu-base',
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
  errors: [],
  model: ['errors'],
  ports: ['model', 'errors'],
  locks: WORDS,
  hooks: WORDS,
  config: WORDS,
  journal: WORDS,
  hypervisors: WORDS,
  'lu-base': ['hooks/spec', 'locks/plan', 'locks/level', ...WORDS],
  compatibility: ['hooks/policy'],
  failure: ['errors'],
  reports: WORDS,
  'bound-rpc': ['reports', ...WORDS],
  host: ['compatibility', 'hooks', 'journal', ...WORDS],
  session: ['host', 'bound-rpc', 'reports', 'lu-base', 'locks', 'hooks', 'journal', ...WORDS],
  'hook-phases': ['session', 'host', 'lu-base', 'hooks', ...WORDS],
  processor: ['hook-phases', 'session', 'host', 'failure', 'reports', 'lu-base', 'locks', ...WORDS],
  'instance-create': LU_WORDS,
  lus: LU_WORDS,
  local: ['hooks/spec', 'hooks/env', ...WORDS],
  lmdb: WORDS,
  testing: CORE,
  index: ['instance-create', 'lus', 'hypervisors', ...CORE],
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
};

/** The parts of Node that the core may use: they touch neither files nor processes nor sockets. */
export const CORE_BUILTINS: readonly string[] = ['node:util', 'node:net'];

/** Rooms that meet the machine and may use all of Node. */
export const ROOMS_ON_THE_MACHINE: readonly string[] = ['local', 'lmdb'];

/** The files in which time and randomness enter the library, and what each of them may use. */
export const SOURCES_OF_CHANCE: Readonly<Record<string, readonly string[]>> = {
  'src/local/system-clock.ts': ['Date', 'performance', 'setTimeout', 'clearTimeout'],
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
  'src/locks/queue.ts',
  'src/hooks/env.ts',
];

/** Hard limits; the aim is far below them. */
export const LIMITS = {
  fileLines: 300,
  functionLines: 70,
  columns: 100,
  headerLetters: 24,
} as const;
