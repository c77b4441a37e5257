/**
 * How to take back what transfers leave on nodes, as entries for the journal and the actions that
 * carry them out. A daemon that is gone, a key that is not there, a node that left the cluster: all
 * that is done already.
 */
import { z } from 'zod';
import { ConfigError, ExecError } from '../errors.js';
import type { Node } from '../model/node.js';
import type { UndoContext, UndoEntry, UndoRegistry } from '../ports/journal.js';
import { unwrap } from '../ports/reply.js';

/** A node that takes part. */
export type TransferNode = Pick<Node, 'id' | 'name'>;

const UNDO = {
  clean: 'transfer.clean',
  removeKey: 'transfer.remove-key',
  removeExport: 'transfer.remove-export',
} as const;

/** Once a daemon was started: nodes choose the name. */
export function undoDaemon(node: TransferNode, daemon: string): UndoEntry {
  const what = `transfer daemon ${daemon} on ${node.name}`;
  return { what, action: UNDO.clean, args: { node: node.id, name: daemon } };
}

/** Once a key was made: nodes choose the name. */
export function undoKey(node: TransferNode, keyName: string): UndoEntry {
  const what = `key ${keyName} for transfers on ${node.name}`;
  return { what, action: UNDO.removeKey, args: { node: node.id, name: keyName } };
}

/** Before contents are sent that become an export. */
export function undoExport(node: TransferNode, exportName: string): UndoEntry {
  const what = `partial export ${exportName} on ${node.name}`;
  return { what, action: UNDO.removeExport, args: { node: node.id, name: exportName } };
}

/** The actions by which transfers are taken back; part of a host's undo registry. */
export const transferUndoActions: UndoRegistry = {
  [UNDO.clean]: async (args, ctx) => {
    const thing = thingOf(args, ctx);
    if (thing === undefined) return;
    const reply = await ctx.rpc.cleanTransfer(thing.node.id, { daemon: thing.name });
    unwrap.exec(reply, `Cannot end transfer daemon ${thing.name} on ${thing.node.name}`);
  },
  [UNDO.removeKey]: async (args, ctx) => {
    const thing = thingOf(args, ctx);
    if (thing === undefined) return;
    const reply = await ctx.rpc.removeCertificate(thing.node.id, { keyName: thing.name });
    unwrap.exec(reply, `Cannot remove key ${thing.name} on ${thing.node.name}`);
  },
  [UNDO.removeExport]: async (args, ctx) => {
    const thing = thingOf(args, ctx);
    if (thing === undefined) return;
    const reply = await ctx.rpc.removeExport(thing.node.id, { name: thing.name });
    unwrap.exec(reply, `Cannot remove export ${thing.name} on ${thing.node.name}`);
  },
};

/** What an entry is about; `undefined` if its node is not in the cluster any more. */
function thingOf(
  args: UndoEntry['args'],
  { config }: UndoContext,
): { readonly node: TransferNode; readonly name: string } | undefined {
  const parsed = z.object({ node: z.string(), name: z.string() }).safeParse(args);
  if (!parsed.success) {
    throw new ConfigError('An undo entry has arguments that fit no action', 'corrupt', {
      cause: parsed.error,
    });
  }
  const node = config.find('node', parsed.data.node);
  if (node?.offline === true) throw new ExecError(`Node ${node.name} is marked offline`);
  return node === undefined ? undefined : { node, name: parsed.data.name };
}
