/**
 * Storage that belongs to no instance yet: volume groups and volumes, devices, files, directories.
 */
import { z } from 'zod';
import type { FileFacts, VolumeFacts } from '../../ports/node-facts.js';
import type { NodeRpc } from '../../ports/node-rpc.js';
import { optional } from '../export/optional.js';
import { once } from '../wire/check.js';
import type { NodeCaller } from './caller.js';
import { mapping, maybe, nothing, numeric } from './payloads.js';

type StorageCalls = Pick<
  NodeRpc,
  'volumeGroups' | 'volumes' | 'deviceSizes' | 'fileFacts' | 'createStorageDir' | 'removeStorageDir'
>;

/** The calls. */
export function storageCalls(caller: NodeCaller): StorageCalls {
  return {
    volumeGroups: (node, _request, call) =>
      caller.one(node, { procedure: 'vg_list', args: {}, reads: sizes }, call),
    volumes: (node, { groups }, call) =>
      caller.one(node, { procedure: 'lv_list', args: { vg_name: groups }, reads: volumes }, call),
    deviceSizes: (node, { paths }, call) =>
      caller.one(node, { procedure: 'bdev_sizes', args: { devices: paths }, reads: sizes }, call),
    fileFacts: (node, { path }, call) =>
      caller.one(
        node,
        { procedure: 'get_file_info', args: { file_path: path }, reads: fileFacts },
        call,
      ),
    // The daemon does not tell which directories it made; what is certain is the one asked for.
    createStorageDir: (node, { path }, call) =>
      caller.one(
        node,
        {
          procedure: 'file_storage_dir_create',
          args: { file_storage_dir: path },
          reads: () => nothing().transform(() => [path]),
        },
        call,
      ),
    removeStorageDir: (node, { path }, call) =>
      caller.one(
        node,
        {
          procedure: 'file_storage_dir_remove',
          args: { file_storage_dir: path },
          reads: nothing,
        },
        call,
      ),
  };
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
