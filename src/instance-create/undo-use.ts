/**
 * How an instance comes back into use that was taken out of it for a while, how disks go out of use
 * that were taken into it, and how an instance is marked again as it was: entries for the journal,
 * and the actions that carry them out. What is so already, and an instance that is gone, is done.
 */
import { ExecError } from '../errors.js';
import { runtimeOf } from '../lu-helpers.js';
import type { ExecContext } from '../lu-base.js';
import type { Instance } from '../model/instance.js';
import type { ConfigDraft } from '../ports/config-store.js';
import type { DiskCommands } from '../ports/disk-commands.js';
import type { UndoContext, UndoEntry, UndoRegistry } from '../ports/journal.js';
import { unwrap } from '../ports/reply.js';
import type { RuntimeInstance } from '../ports/runtime.js';
import { instanceArgs, markArgs } from './undo-args.js';
import { devicesOf } from './undo-entries.js';

const UNDO = {
  startAgain: 'instance.start-again',
  release: 'instance.release-disks',
  markAgain: 'instance.mark-again',
} as const;

/** Before an instance is stopped that shall run on. */
export function undoStop({ id, name }: Instance): UndoEntry {
  const what = `stopped instance ${name}, which should run`;
  return { what, action: UNDO.startAgain, args: { instance: id } };
}

/** Before the disks of a stopped instance are made usable. */
export function undoAssembly({ id, name }: Instance): UndoEntry {
  const what = `disks of ${name} in use`;
  return { what, action: UNDO.release, args: { instance: id } };
}

/**
 * To be written down with the change of the configuration that marks an instance up. Without it an
 * operation that fails after that would stop a guest which the configuration says is to run.
 */
export function undoMark({ id, name, adminState, disksActive }: Instance): UndoEntry {
  const what = `mark of ${name}, which was ${adminState}`;
  return { what, action: UNDO.markAgain, args: { instance: id, adminState, disksActive } };
}

/** Marks an instance up, its disks in use. `undo`: what is written down with that. */
export async function markUp(
  { id, name }: Instance,
  { config }: Pick<ExecContext, 'config'>,
  undo: UndoEntry | undefined,
): Promise<void> {
  const mark = (draft: ConfigDraft): void =>
    draft.update('instance', id, (instance) => {
      instance.adminState = 'up';
      instance.disksActive = true;
    });
  await config.commit(`instance ${name} is up`, mark, undo);
}

/** The actions; part of a host's undo registry. */
export const useUndoActions: UndoRegistry = {
  [UNDO.startAgain]: async (args, ctx) => {
    const runtime = knownInstance(args, ctx);
    // Somebody has marked it down meanwhile.
    if (runtime?.instance.adminState !== 'up') return;
    const { name, primaryNode } = runtime.instance;
    const reply = await ctx.rpc.startInstance(primaryNode, { runtime, paused: false });
    unwrap.exec(reply, `Cannot start ${name} again`);
  },
  [UNDO.release]: async (args, ctx) => {
    const runtime = knownInstance(args, ctx);
    // The guest uses them by now.
    if (runtime === undefined || runtime.instance.adminState === 'up') return;
    await giveBackDisks(runtime, ctx);
  },
  [UNDO.markAgain]: async (args, { config }) => {
    const { instance: id, ...mark } = markArgs(args);
    const instance = config.find('instance', id);
    if (instance === undefined) return;
    await config.commit(`${instance.name} is marked as before`, (draft) =>
      draft.update('instance', id, (changing) => {
        Object.assign(changing, mark);
      }),
    );
  },
};

/** What giving disks back takes; the context of an operation has it, too. */
interface GivingBack {
  readonly rpc: Pick<DiskCommands, 'shutdownDisk'>;
  readonly config: {
    readonly commit: (why: string, recipe: (draft: ConfigDraft) => void) => Promise<unknown>;
  };
}

/** Gives an instance's disks back, on all their nodes. Throws `ExecError` if one stays in use. */
export async function giveBackDisks(
  runtime: RuntimeInstance,
  { rpc, config }: GivingBack,
): Promise<void> {
  const { instance } = runtime;
  for (const disk of runtime.disks) {
    for (const { node } of devicesOf(instance, [disk])) {
      const reply = await rpc.shutdownDisk(node, { disk, runtime });
      unwrap.exec(reply, `Cannot give back disk ${disk.index} of ${instance.name}`);
    }
  }
  if (!instance.disksActive) return;
  await config.commit(`disks of ${instance.name} are not in use`, (draft) =>
    draft.update('instance', instance.id, (changing) => {
      changing.disksActive = false;
    }),
  );
}

/** The instance, which has to be on a node that can be called; `undefined` if it is gone. */
function knownInstance(
  args: UndoEntry['args'],
  { config }: UndoContext,
): RuntimeInstance | undefined {
  const instance = config.find('instance', instanceArgs(args));
  if (instance === undefined) return undefined;
  const node = config.node(instance.primaryNode);
  if (node.offline) throw new ExecError(`Node ${node.name} is marked offline`);
  return runtimeOf(config, instance);
}
