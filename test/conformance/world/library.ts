/**
 * The library's parts that replay needs, loaded by name so that the runner works while they come.
 */
import { instanceUndoActions } from '../../../src/instance-create/undo-actions.js';
import type { NodeTransport } from '../../../src/ganeti/node/transport.js';
import type { ConfigReader } from '../../../src/ports/config-store.js';
import type { HookNodes } from '../../../src/ports/hook-node.js';
import type { UndoRegistry } from '../../../src/ports/journal.js';
import type { NodeRpc } from '../../../src/ports/node-rpc.js';
import type { ConfigCodec, DecodedConfig, WireConfig } from './config-codec.js';

/** Undo actions of the creation. */
export const undoActions: UndoRegistry = instanceUndoActions;

type Parts = { readonly transport: NodeTransport; readonly config: ConfigReader };

const codec = (await load('../../../src/ganeti/config/index.js')) as {
  readConfigData?(config: unknown): DecodedConfig;
  writeConfigData?(config: ConfigReader, rest: unknown): WireConfig;
};

const nodes = (await load('../../../src/ganeti/node/ganeti-nodes.js')) as {
  readonly GanetiNodes?: new (parts: Parts) => NodeRpc & HookNodes;
};

/** Configurations. */
export const configCodec: ConfigCodec = {
  read: (config) => (codec.readConfigData ?? missing('readConfigData'))(config),
  write: (config, rest) => (codec.writeConfigData ?? missing('writeConfigData'))(config, rest),
};

/** Nodes behind a transport. */
export function ganetiNodes(parts: Parts): NodeRpc & HookNodes {
  const { GanetiNodes } = nodes;
  return GanetiNodes === undefined ? missing('GanetiNodes') : new GanetiNodes(parts);
}

function missing(what: string): never {
  throw new Error(`the library has no ${what} yet`);
}

async function load(path: string): Promise<unknown> {
  try {
    return (await import(path)) as unknown;
  } catch (error) {
    process.stderr.write(`${path}: ${String(error)}\n`);
    return {};
  }
}
