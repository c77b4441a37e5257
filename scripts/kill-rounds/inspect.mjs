/**
 * Looks at a cluster's directory after recovery, past the program that worked in it: everything that
 * is there has to be known to the configuration, and the other way round. Each answer is a list of
 * what is wrong; empty is good.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openConfig } from 'logical-units';
import { openLmdb } from 'logical-units/lmdb';
import { systemClock, systemIds } from 'logical-units/local';
import { NAME } from './ground.mjs';

const MIB = 1024 * 1024;

/** All that can be wrong with a ground, given the round and how its run ended. */
export async function inspect(ground, round, end) {
  const store = await openLmdb({ path: join(ground.dir, 'configuration') });
  try {
    const { entries } = await store.range('');
    const journals = entries.filter(({ key }) => key.startsWith('journal/'));
    // Opening decodes every record and checks what records say of each other.
    const config = await openConfig({ store, clock: systemClock(), ids: systemIds() });
    const known = [...config.all('instance')].map((instance) => ({
      instance,
      disks: config.disksOf(instance),
    }));
    await config.close();
    return [
      ...journals.map(({ key }) => `journal record '${key}' is left`),
      ...(config.claimCount === 0 ? [] : [`${config.claimCount} reservations are open`]),
      ...files(ground, known),
      ...disks(known),
      ...guests(ground, known, round),
      ...acknowledged(known, round, end),
    ];
  } finally {
    await store.close();
  }
}

/** Files that belong to nobody. Logs are the operator's. */
function files({ dir, tmp }, known) {
  const mine = known.flatMap(({ instance, disks }) => [
    ...disks.flatMap(({ location: { path } }) => [path, join(path, '..')]),
    join(dir, 'run/fake', instance.name),
    ...filesOfGuest(dir, instance.name),
  ]);
  const folders = ['disks', 'shared-disks', 'run/fake', 'run/kvm'].map((name) => join(dir, name));
  const found = [...folders, tmp, join(dir, 'log/.running')].flatMap(below);
  return found.filter((path) => !mine.includes(path)).map((path) => `file '${path}' is left`);
}

/** Disks that the configuration names. */
function disks(known) {
  return known.flatMap(({ disks }) =>
    disks.flatMap(({ location: { path }, sizeMib }) => {
      if (!existsSync(path)) return [`disk '${path}' is not there`];
      const { size } = statSync(path);
      return size === sizeMib * MIB ? [] : [`disk '${path}' has ${size} bytes, not ${sizeMib} MiB`];
    }),
  );
}

/** Processes that work on the ground, guests of known instances aside. */
function guests({ dir }, known, { action }) {
  const pidFiles = known.map(({ instance }) => join(dir, 'run/kvm', instance.name, 'pid'));
  const running = new Set();
  const strays = processesAbout(dir).filter(({ argv }) => {
    const at = pidFiles.indexOf(argv[argv.indexOf('-pidfile') + 1]);
    if (at >= 0) running.add(known[at].instance.name);
    return at < 0;
  });
  const lost = known.filter(({ instance: { adminState, name } }) => {
    const isRunning = running.has(name) || existsSync(join(dir, 'run/fake', name));
    // A removal that was cut off may have stopped its instance.
    return action === 'create' && adminState === 'up' && !isRunning;
  });
  return [
    ...strays.map(({ pid, argv }) => `process ${pid} goes on: ${argv.join(' ')}`),
    ...lost.map(({ instance }) => `${instance.name} is 'up' and does not run`),
  ];
}

/** An instance is there as a whole, or not at all; and what was said to be done is done. */
function acknowledged(known, { action }, { phase }) {
  const instance = known.find((one) => one.instance.name === NAME)?.instance;
  if (action === 'create' && instance !== undefined && instance.adminState !== 'up') {
    return [`${NAME} is there, but '${instance.adminState}'`];
  }
  if (phase !== 'success') return [];
  if (action === 'create') return instance === undefined ? [`${NAME} was made, and is gone`] : [];
  return instance === undefined ? [] : [`${NAME} was removed, and is there`];
}

function filesOfGuest(dir, name) {
  const base = join(dir, 'run/kvm');
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return [
    join(base, `.${digest}.qmp`),
    ...['', 'pid', 'serial.log', 'qemu.log'].map((file) => join(base, name, file)),
  ];
}

function below(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true }).map((name) => join(folder, name));
}

/** Processes with the directory in their command line or environment. */
function processesAbout(dir) {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .map((pid) => ({ pid, argv: textOf(`/proc/${pid}/cmdline`).split('\0') }))
    .filter(({ pid, argv }) => {
      const env = textOf(`/proc/${pid}/environ`);
      return Number(pid) !== process.pid && [...argv, env].some((text) => text.includes(dir));
    });
}

/** Empty for a process that has ended meanwhile. */
function textOf(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
