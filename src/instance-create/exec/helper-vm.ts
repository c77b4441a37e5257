/**
 * Installs an OS whose scripts may run on no node: in a helper machine, which is the new instance
 * booted from a temporary disk. It finds the scripts by its metadata, runs them, and stops.
 *
 * V1 The temporary disk and the machine are in the journal before they are made, and are taken away
 *    whatever happened: here, or by the journal once the caller has given up. Taking away waits for
 *    nodes, so that it ends with the caller's patience.
 */
import { ExecError, messageOf } from '../../errors.js';
import { runtimeOf, throwIfCancelled } from '../../lu-helpers.js';
import type { ExecContext } from '../../lu-base.js';
import type { Disk } from '../../model/disk.js';
import type { DiskId } from '../../model/ids.js';
import type { DeferredUndo } from '../../ports/journal.js';
import { unwrap } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import { imageSizeMib, installImage } from '../install-image.js';
import type { CreatePlan, PlannedNode } from '../types.js';
import { guestOf, type Remains } from '../undo-entries.js';
import { assembleDisks, releaseDisks } from './helper-disks.js';
import {
  asMade,
  helperEnv,
  helperOf,
  packageOf,
  temporaryDisk,
  withPackage,
} from './helper-machine.js';
import { waitUntilDone, waitUntilUp } from './helper-wait.js';
import { undoHelper } from './helper-undo.js';
import { publish } from './metadata.js';
import { whilePaused } from './paused-sync.js';

/** How long a machine may take to stop when asked to (Ganeti's `DEFAULT_SHUTDOWN_TIMEOUT`). */
const GRACE_MS = 120_000;

/** What all steps know. */
interface Helper {
  /** The instance that finds its package. */
  readonly guest: RuntimeInstance;
  readonly image: string;
  readonly temporary: Disk;
  readonly node: PlannedNode;
  readonly plan: CreatePlan;
}

/** Runs the OS's script in a helper machine; gives the instance as it is then. */
export async function runHelper(
  runtime: RuntimeInstance,
  plan: CreatePlan,
  ctx: ExecContext,
): Promise<RuntimeInstance> {
  const { primary: node } = plan.nodes;
  const image = installImage(ctx);
  const guest = await packed(runtime, node, ctx);
  await publish(guest, plan, ctx);
  const sizeMib = await imageSizeMib(image, node, ctx);
  await stopMachine(guest, node, ctx);
  await releaseDisks(guest, guest.disks, ctx);
  const { cluster } = ctx.config;
  const id = ctx.reserve.drawId() as DiskId;
  const temporary = temporaryDisk(guest.instance, sizeMib, id, cluster);
  await withTemporaryDisk({ guest, image: image.from, temporary, node, plan }, ctx);
  const { id: instanceId } = runtime.instance;
  return runtimeOf(ctx.config, ctx.config.instance(instanceId), runtime.osParams.secret);
}

/** The guest finds the OS's scripts in a package, which is made unless the request names one. */
async function packed(
  runtime: RuntimeInstance,
  node: PlannedNode,
  ctx: ExecContext,
): Promise<RuntimeInstance> {
  const env = helperEnv(runtime);
  if (packageOf(runtime) !== undefined) return runtime;
  const { os = '' } = runtime.instance;
  ctx.report.step(`Packing the scripts of ${os}`);
  const reply = await ctx.rpc.exportOs(node.id, { runtime, env });
  return withPackage(runtime, unwrap.exec(reply, `Cannot pack the scripts of ${os}`));
}

async function withTemporaryDisk(helper: Helper, ctx: ExecContext): Promise<void> {
  throwIfCancelled(ctx.signal, 'the helper machine was made');
  const undo = await ctx.undo.defer(undoHelper(remainsOf(helper)));
  await makeDisk(helper, undo, ctx);
  const made = { ...helper, temporary: asMade(helper.temporary, ctx.clock.now()) };
  try {
    await runMachine(made, ctx);
  } catch (error) {
    // The cause counts; what cannot be taken away stays in the journal (V1).
    if (!ctx.signal.aborted) {
      await takeAway(made, undo, ctx).catch((problem: unknown) => {
        ctx.report.warn(messageOf(problem));
      });
    }
    throw error;
  }
  await takeAway(made, undo, ctx);
}

async function makeDisk(
  { guest, temporary, node, plan }: Helper,
  undo: DeferredUndo,
  ctx: ExecContext,
): Promise<void> {
  const { name } = guest.instance;
  ctx.report.step(`Making a temporary disk (${temporary.sizeMib} MiB) on ${node.name}`);
  const reply = await ctx.rpc.createDisk(node.id, {
    disk: temporary,
    owner: name,
    info: `originstname+${name}`,
    runtime: guest,
    onPrimary: true,
    exclusiveStorage: plan.exclusiveStorage.includes(node.id),
  });
  if (!reply.ok && (reply.failure === 'exists' || ctx.compatibility.halfMade === 'left')) {
    await undo.discard();
  }
  unwrap.exec(reply, `Cannot make the temporary disk of ${name} on ${node.name}`);
}

async function runMachine(helper: Helper, ctx: ExecContext): Promise<void> {
  const { guest, image, temporary, node, plan } = helper;
  const { name } = guest.instance;
  const known = runtimeOf(ctx.config, ctx.config.instance(guest.instance.id));
  await assembleDisks(helperOf(known, temporary, true), guest, ctx);
  const machine = { ...guest, disks: helperOf(guest, temporary, true).disks };
  ctx.report.step(`Writing ${image} to the temporary disk of ${name}`);
  await whilePaused({ node, runtime: machine, disks: [temporary] }, ctx, async () => {
    const reply = await ctx.rpc.imageDisk(node.id, { disk: temporary, runtime: machine, image });
    unwrap.exec(reply, `Cannot write ${image} to the temporary disk of ${name}`);
  });
  ctx.report.step(`Starting the helper machine of ${name} on ${node.name}`);
  const request = { runtime: machine, paused: false, purpose: 'helper' } as const;
  const reply = await ctx.rpc.startInstance(node.id, request);
  unwrap.exec(reply, `Cannot start the helper machine of ${name} on ${node.name}`);
  await waitUntilUp(machine, node, plan.request, ctx);
  ctx.report.step(`Waiting for the helper machine of ${name} to finish`);
  if (await waitUntilDone(machine, node, plan.request, ctx)) return;
  await stopMachine(machine, node, ctx);
  throw new ExecError(`The helper machine of ${name} did not finish in time; it was stopped`);
}

/** Takes machine and disk away, unless the caller gives up meanwhile (V1). */
async function takeAway(helper: Helper, undo: DeferredUndo, ctx: ExecContext): Promise<void> {
  const { guest, temporary, node } = helper;
  const { name } = guest.instance;
  const known = runtimeOf(ctx.config, ctx.config.instance(guest.instance.id));
  const runtime = helperOf(known, temporary, false);
  await stopMachine(runtime, node, ctx);
  const reply = await ctx.rpc.removeDisk(node.id, { disk: temporary, runtime });
  unwrap.exec(reply, `Cannot remove the temporary disk of ${name} on ${node.name}`);
  await undo.discard();
}

async function stopMachine(
  runtime: RuntimeInstance,
  node: PlannedNode,
  { rpc }: ExecContext,
): Promise<void> {
  const { instance, hypervisor, hvParams } = runtime;
  const request = { name: instance.name, hypervisor, hvParams, graceMs: GRACE_MS, runtime };
  const reply = await rpc.stopInstance(node.id, request);
  unwrap.exec(reply, `Cannot stop the helper machine of ${instance.name} on ${node.name}`);
}

function remainsOf({ guest, temporary, node }: Helper): Remains {
  const { instance } = guest;
  const devices = [{ node: node.id, disk: temporary }];
  return { guest: guestOf(guest), instance, devices, directories: [] };
}
