/**
 * The main job: creates a real instance on this machine from an opcode file.
 *
 *   npm start [-- OPFILE] [-- --dry-run | --export | --remove | --recover]
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type AnyReport,
  createOpSchema,
  type CreatePlan,
  LUBackupExport,
  LUInstanceCreate,
  LUInstanceRemove,
  parseOp,
  PrereqError,
  type RecoveryReport,
  type RunOptions,
} from 'logical-units';
import { greetingFrom } from './greeting.js';
import { type Options, readOptions, USAGE } from './options.js';
import { readOp } from './read-op.js';
import { type Show, showFor } from './show.js';
import { removeLogs } from './logs.js';
import { openSite, type Site } from './site.js';
import {
  errorLines,
  hookLines,
  placeLines,
  planLines,
  recoveryLines,
  stateLines,
} from './summary.js';

/** The folder `examples`, seen from the compiled program. */
const EXAMPLES = join(dirname(fileURLToPath(import.meta.url)), '../../../examples');

await main();

async function main(): Promise<void> {
  let name = 'the instance';
  try {
    const options = readOptions(process.argv.slice(2));
    if (options === 'help') return say([USAGE]);
    if (options.action === 'recover') {
      return await withSite(options, (site) => say(stateLines(site.cluster.config)));
    }
    const { opcode, op } = await readOp(options.opFile);
    if (opcode !== 'OP_INSTANCE_CREATE') {
      throw new PrereqError(
        `${options.opFile}: this example carries out OP_INSTANCE_CREATE, not ${opcode}`,
        'wrong_input',
      );
    }
    if (typeof op['instanceName'] === 'string') name = op['instanceName'];
    await withSite(options, (site, show, run) => act(options, op, name, site, show, run));
  } catch (error) {
    say(['', ...errorLines(error, name)], process.stderr);
    process.exitCode = 1;
  }
}

/** What a run of any of the operations may be told. */
type Run = Pick<RunOptions, 'signal' | 'onReport'>;

/** Opens the site, recovers what was interrupted, and closes it whatever happens. */
async function withSite(
  options: Options,
  work: (site: Site, show: Show, run: Run) => Promise<void> | void,
): Promise<void> {
  const show = showFor(process.stdout);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new Error('interrupted'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const site = await openSite(options.dir, EXAMPLES);
  try {
    const recovered = await site.cluster.recover();
    say(recoveryLines(recovered));
    if (options.action === 'recover' && !isWhole(recovered)) process.exitCode = 1;
    await work(site, show, {
      signal: stop.signal,
      onReport: (event) => {
        show.event(event);
      },
    });
  } finally {
    show.end();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    await site.close();
  }
}

/** Whether nothing is left to be recovered. */
function isWhole({ operations, corrupt }: RecoveryReport): boolean {
  return corrupt.length === 0 && operations.every(({ leaked }) => leaked.length === 0);
}

async function act(
  options: Options,
  op: Readonly<Record<string, unknown>>,
  name: string,
  site: Site,
  show: Show,
  run: Run,
): Promise<void> {
  if (options.action === 'export') {
    const request = { instanceName: name, targetNode: 'localhost' };
    const { path } = await site.cluster.run(new LUBackupExport(), request, run);
    show.end();
    return say(['', `${name} is exported to ${path}`]);
  }
  if (options.action === 'remove') {
    await site.cluster.run(new LUInstanceRemove(), { instanceName: name }, run);
    show.end();
    const logs = await removeLogs(site.paths.logs, name);
    return say(['', `${name} is removed, with its disks and ${logs} log(s)`]);
  }
  const hypervisor = chooseHypervisor(options, site);
  const request = parseOp(createOpSchema, { hypervisor, ...op });
  if (options.action === 'plan') {
    const { plan } = await site.cluster.plan(new LUInstanceCreate(), request, run);
    show.end();
    return say(['', 'This would be done (nothing was changed):', ...planLines(plan)]);
  }
  const plans: CreatePlan[] = [];
  const events: AnyReport[] = [];
  await site.cluster.run(new LUInstanceCreate(), request, {
    ...run,
    onPlan: (plan) => void plans.push(plan),
    onReport: (event) => {
      events.push(event);
      run.onReport?.(event);
    },
  });
  show.end();
  say(['', 'This was done:', ...plans.flatMap(planLines), '', ...hookLines(events)]);
  say(['', ...placeLines(site.paths)]);
  if (plans[0]?.instance.hypervisor === 'kvm') await greet(name, site);
}

/** QEMU where it is installed, unless told otherwise. */
function chooseHypervisor(options: Options, site: Site): 'kvm' | 'fake' {
  if (options.hypervisor !== 'auto') return options.hypervisor;
  if (site.qemuPath !== undefined) return 'kvm';
  say([
    'qemu-system-x86_64 is not installed: the instance runs on the fake hypervisor, which only',
    'remembers that it runs. On Debian: apt-get install qemu-system-x86',
    '',
  ]);
  return 'fake';
}

/** Shows what the guest says on its serial port. */
async function greet(name: string, site: Site): Promise<void> {
  const file = site.qemu.serialLog(name);
  say(['', `The guest boots; its serial port is written to ${file}`]);
  const words = await greetingFrom(file, 60_000);
  say(
    words === ''
      ? ['It has said nothing for a minute']
      : words.split(/\r?\n/).map((w) => `  | ${w}`),
  );
}

function say(lines: readonly string[], to: NodeJS.WriteStream = process.stdout): void {
  if (lines.length > 0) to.write(`${lines.join('\n')}\n`);
}
