/**
 * Storage that belongs to no instance yet: volume groups and volumes, devices, files, directories.
 *
 * S1 Which directories are made is found out by looking first. Somebody who makes one of them in
 *    between is not noticed; they are removed only if they are empty.
 */
import { z } from 'zod';
import type { NodeId } from '../../model/ids.js';
import type { CallOptions } from '../../ports/call.js';
import type { FileFacts, VolumeFacts } from '../../ports/node-facts.js';
import type { NodeRpc } from '../../ports/node-rpc.js';
import { answered, type Reply } from '../../ports/reply.js';
import { optional } from '../export/optional.js';
import { once } from '../wire/check.js';
import type { Asking, NodeCaller } from './caller.js';
import { DIRECTORIES } from './known-failures.js';
import { mapping, maybe, nothing, numeric } from './payloads.js';

type StorageCalls = Pick<
  NodeRpc,
  'volumeGroups' | 'volumes' | 'deviceSizes' | 'fileFacts' | 'createStorageDir' | 'removeStorageDir'
>;

/** The calls. */
export function storageCalls(caller: NodeCaller, looks: boolean): StorageCalls {
  return {
    volumeGroups: (node, _request, call) =>
      caller.one(node, { procedure: 'vg_list', args: {}, reads: sizes }, call),
    volumes: (node, { groups }, call) =>
      caller.one(node, { procedure: 'lv_list', args: { vg_name: groups }, reads: volumes }, call),
    deviceSizes: (node, { paths }, call) =>
      caller.one(node, { procedure: 'bdev_sizes', args: { devices: paths }, reads: sizes }, call),
    fileFacts: (node, { path }, call) => caller.one(node, fileQuestion(path), call),
    createStorageDir: (node, { path }, call = {}) => makeDirectory(caller, looks, node, path, call),
    removeStorageDir: (node, { path }, call) =>
      caller.one(
        node,
        {
          procedure: 'file_storage_dir_remove',
          args: { file_storage_dir: path },
          reads: nothing,
          known: DIRECTORIES,
        },
        call,
      ),
  };
}

/**
 * The daemon makes what is missing on the way, and does not tell what that was: see S1. Without a
 * look all that is certain is the one that was asked for.
 */
async function makeDirectory(
  caller: NodeCaller,
  looks: boolean,
  node: NodeId,
  path: string,
  call: CallOptions,
): Promise<Reply<readonly string[]>> {
  const missing = looks ? await missingOf(caller, node, path, call) : answered([path]);
  if (!missing.ok) return missing;
  return caller.one(
    node,
    {
      procedure: 'file_storage_dir_create',
      args: { file_storage_dir: path },
      reads: () => nothing().transform(() => missing.payload),
      known: DIRECTORIES,
    },
    call,
  );
}

/** The directory and those above it that are not there, outermost first. */
async function missingOf(
  caller: NodeCaller,
  node: NodeId,
  path: string,
  call: CallOptions,
): Promise<Reply<readonly string[]>> {
  const missing: string[] = [];
  for (let at = path.replace(/\/+$/, ''); at.length > 1; at = at.slice(0, at.lastIndexOf('/'))) {
    const reply = await caller.one(node, fileQuestion(at), call);
    if (!reply.ok) return reply;
    if (reply.payload.exists) break;
    missing.unshift(at);
  }
  return answered(missing);
}

function fileQuestion(path: string): Asking<FileFacts> {
  return { procedure: 'get_file_info', args: { file_path: path }, reads: fileFacts };
}

const sizes = once(() => mapping(numeric()));

/** Size, whether it is inactive, whether something uses it. */
const volumes = once(() =>
  mapping(
    z
      .tuple([numeric(), z.unknown(), z.boolean()])
      .transform(([sizeMib, , online]): VolumeFacts => ({ sizeMib, online })),
  ),
);

const fileFacts = once(() =>
  z
    .tuple([z.boolean(), z.object({ size: maybe(z.number()) })])
    .transform(([exists, { size }]): FileFacts => ({ exists, ...optional({ sizeBytes: size }) })),
);
