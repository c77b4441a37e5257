/**
 * How an instance comes back into use that was taken out of it for a while, and how disks go out of
 * use that were taken into it: entries for the journal, and the actions that carry them out. What
 * is so already, and an instance that is gone, is done.
 */
import { z } from 'zod';
import { ConfigError, ExecError } from '../errors.js';
import { runtimeOf } from '../lu-helpers.js';
import type { Instance } from '../model/instance.js';
import type { ConfigDraft } from '../ports/config-store.js';
import type { DiskCommands } from '../ports/disk-commands.js';
import type { UndoContext, UndoEntry, UndoRegistry } from '../ports/journal.js';
import { unwrap } from '../ports/reply.js';
import type { RuntimeInstance } from '../ports/runtime.js';
import { devicesOf } from './undo-entries.js';

const UNDO = { startAgain: 'instance.start-again', release: 'instance.release-disks' } as const;

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
  const parsed = z.object({ instance: z.string() }).safeParse(args);
  if (!parsed.success) {
    throw new ConfigError('An undo entry has arguments that fit no action', 'corrupt', {
      cause: parsed.error,
    });
  }
  const instance = config.find('instance', parsed.data.instance);
  if (instance === undefined) return undefined;
  const node = config.node(instance.primaryNode);
  if (node.offline) throw new ExecError(`Node ${node.name} is marked offline`);
  return runtimeOf(config, instance);
}
