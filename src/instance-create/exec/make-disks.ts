/**
 * Gets the disks: makes them, or takes over what the operator provides, or leaves that for later.
 * What may have to be taken back is written down before the first side effect: a call whose answer
 * is lost may have had its effect all the same.
 *
 * D1 What was there before us stays: a disk, and a directory, too. Which directories are ours is
 *    known when the node has answered. Until then the undo entry names all of them, and undoing it
 *    (after a crash or a lost answer just here) may take an empty one that was there; never one
 *    with anything in it.
 * D2 Once a device is whole, its parts are not named any more: they go with it.
 */
import { throwIfCancelled } from '../../lu-helpers.js';
import type { ExecContext } from '../../lu-base.js';
import type { Disk, DiskPart } from '../../model/disk.js';
import { whereOf } from '../../model/disk.js';
import type { DeferredUndo } from '../../ports/journal.js';
import { type Reply, type ReplyFailed, type ReplyFailure, unwrap } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import type { CreatePlan, PlannedNode, Provisioned } from '../types.js';
import { type Device, undoProvision } from '../undo-entries.js';

/** A device and where it is made. */
interface Step {
  readonly node: PlannedNode;
  readonly disk: Disk | DiskPart;
  readonly onPrimary: boolean;
  /** Parts that are made already, and belong to this device. */
  readonly replaces: readonly Device[];
}

/** Failures which leave open whether the node has done it. */
const OPEN: ReadonlySet<ReplyFailure> = new Set(['unreachable', 'timeout']);

/** Failures after which nothing of ours is there: something else is, or the node did nothing. */
const UNTOUCHED: ReadonlySet<ReplyFailure> = new Set(['exists', 'not_authorised', 'offline']);

/** The disks exist; nobody knows of them yet but the journal. */
export async function makeDisks(plan: CreatePlan, ctx: ExecContext): Promise<Provisioned> {
  const runtime = runtimeBefore(plan);
  if (plan.disks.length === 0) return { stage: 'provisioned', madeDirectories: [] };
  throwIfCancelled(ctx.signal, 'anything was made');
  const undo = new ProvisionUndo(runtime, ctx);
  await undo.expect(stepsOf(plan), plan.storageDirs);
  const madeDirectories = await makeDirectories(plan, undo, ctx);
  for (const step of stepsOf(plan)) {
    throwIfCancelled(ctx.signal, `${whereOf(step.disk.location)} was made`);
    const reply = await makeDevice(step, runtime, plan, ctx);
    if (!reply.ok) await undo.failedAt(step, reply);
    unwrap.exec(reply, `Cannot make disk ${whereOf(step.disk.location)} on ${step.node.name}`);
    undo.made(step);
  }
  return { stage: 'provisioned', madeDirectories, undo: undo.entry() };
}

/** The instance as nodes are told of it before the configuration knows it. */
export function runtimeBefore(plan: CreatePlan): RuntimeInstance {
  const { instance, hvParams, beParams, osParams, nics, disks } = plan;
  const { hypervisor } = instance;
  const unborn = { ...instance, diskIds: [] };
  return { instance: unborn, hypervisor, hvParams, beParams, osParams, nics, disks };
}

/** Every device on every node, parts before the whole, primary node first. */
function stepsOf({ nodes, disks }: CreatePlan): readonly Step[] {
  const all = [nodes.primary, ...nodes.secondaries];
  return disks.flatMap((disk) =>
    all.flatMap((node): readonly Step[] => {
      const onPrimary = node.id === nodes.primary.id;
      const parts = disk.parts ?? [];
      const own = parts.map((part) => ({ node, disk: part, onPrimary, replaces: [] }));
      const replaces = parts.map((part) => ({ node: node.id, disk: part }));
      return [...own, { node, disk, onPrimary, replaces }];
    }),
  );
}

async function makeDirectories(
  { nodes: { primary }, storageDirs }: CreatePlan,
  undo: ProvisionUndo,
  ctx: ExecContext,
): Promise<readonly string[]> {
  const [path] = storageDirs;
  if (path === undefined) return [];
  ctx.report.step(`Making directory ${path} on ${primary.name}`);
  const reply = await ctx.rpc.createStorageDir(primary.id, { path });
  // Nothing of ours is there; and what a node does not touch could never be cleared.
  if (!reply.ok && !OPEN.has(reply.failure)) await undo.discard();
  const answer = unwrap.exec(reply, `Cannot make directory ${path} on ${primary.name}`);
  const made = storageDirs.filter((directory) => answer.includes(directory));
  if (made.length < storageDirs.length) await undo.narrow(made);
  return made;
}

function makeDevice(
  { node, disk, onPrimary }: Step,
  runtime: RuntimeInstance,
  plan: CreatePlan,
  ctx: ExecContext,
): Promise<Reply<void>> {
  const owner = runtime.instance.name;
  const what = 'index' in disk ? `disk ${disk.index}` : `part ${whereOf(disk.location)}`;
  ctx.report.step(`Making ${what} (${disk.sizeMib} MiB) on ${node.name}`);
  return ctx.rpc.createDisk(node.id, {
    disk,
    owner,
    info: `originstname+${owner}`,
    runtime,
    onPrimary,
    exclusiveStorage: plan.exclusiveStorage.includes(node.id),
  });
}

/** The undo entry of the disks, rewritten whenever more is known. */
class ProvisionUndo {
  readonly #runtime: RuntimeInstance;
  readonly #ctx: ExecContext;
  #made: readonly Device[] = [];
  #expected: readonly Device[] = [];
  #directories: readonly string[] = [];
  #entry: DeferredUndo | undefined;

  constructor(runtime: RuntimeInstance, ctx: ExecContext) {
    this.#runtime = runtime;
    this.#ctx = ctx;
  }

  /** All that will be made. */
  expect(steps: readonly Step[], directories: readonly string[]): Promise<void> {
    this.#expected = steps.map(({ node, disk }) => ({ node: node.id, disk }));
    return this.#write(this.#expected, directories);
  }

  /** Only these directories are ours. */
  narrow(directories: readonly string[]): Promise<void> {
    return this.#write(this.#expected, directories);
  }

  /** A device is there, and whole. */
  made({ node, disk, replaces }: Step): void {
    const parts = new Set(replaces.map((part) => `${part.node}/${part.disk.id}`));
    const others = this.#made.filter((device) => !parts.has(`${device.node}/${device.disk.id}`));
    this.#made = [...others, { node: node.id, disk }];
  }

  /** A device could not be made: what stands in its way is not ours to remove. */
  async failedAt({ node, disk }: Step, { failure }: ReplyFailed): Promise<void> {
    const left = this.#ctx.compatibility.halfMade === 'left';
    const touched = OPEN.has(failure) || (!UNTOUCHED.has(failure) && !left);
    const device = { node: node.id, disk };
    const devices = touched ? [...this.#made, device] : this.#made;
    await this.#write(devices, left ? [] : this.#directories);
  }

  /** There is nothing to take back. */
  async discard(): Promise<void> {
    await this.#entry?.discard();
    this.#entry = undefined;
  }

  /** The entry as it stands. */
  entry(): DeferredUndo | undefined {
    return this.#entry;
  }

  async #write(devices: readonly Device[], directories: readonly string[]): Promise<void> {
    this.#directories = directories;
    const former = this.#entry;
    const { instance } = this.#runtime;
    const nothing = devices.length === 0 && directories.length === 0;
    this.#entry = nothing
      ? undefined
      : await this.#ctx.undo.defer(undoProvision({ instance, devices, directories }));
    await former?.discard();
  }
}
