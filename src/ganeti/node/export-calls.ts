/**
 * Making exports. Daemons write the description themselves, out of what they are told of the
 * instance; so the one that comes along is not sent.
 */
import { z } from 'zod';
import { type Disk, placeOf } from '../../model/disk.js';
import type { ExportCommands } from '../../ports/exports.js';
import { answered, failed, type Reply } from '../../ports/reply.js';
import { encodeDisk } from '../objects/disk.js';
import { encodeLocation } from '../objects/location.js';
import { once } from '../wire/check.js';
import type { NodeCaller } from './caller.js';
import { plainDisk, wireDisk } from './encode-disk.js';
import { plainInstance, wireInstance } from './encode-instance.js';
import { nothing } from './payloads.js';
import type { WireObject } from './transport.js';

/** The calls. */
export function exportCalls(caller: NodeCaller): ExportCommands {
  return {
    snapshotDisk: snapshotCall(caller),
    finalizeExport: finalizeCall(caller),
    removeExport: async (node, { name }, call) =>
      goneIsFine(
        await caller.one(
          node,
          { procedure: 'export_remove', args: { export: name }, reads: nothing },
          call,
        ),
      ),
  };
}

function snapshotCall(caller: NodeCaller): ExportCommands['snapshotDisk'] {
  const { config } = caller;
  return async (node, { disk, snapshot, runtime }, call) => {
    const [, name] = placeOnWire(snapshot);
    // No size: as large as the disk, so that the copy cannot run full.
    const others = { snap_name: name ?? null, snap_size: null };
    const reply = await caller.one(
      node,
      {
        procedure: 'blockdev_snapshot',
        args: { cf_bdev: [plainDisk(disk, runtime), plainInstance(runtime)], ...others },
        wire: (target) => [
          wireDisk(disk, { config, node: target, runtime }),
          ...Object.values(others),
        ],
        reads: place,
      },
      call,
    );
    return reply.ok ? where(reply.payload, snapshot) : reply;
  };
}

function finalizeCall(caller: NodeCaller): ExportCommands['finalizeExport'] {
  const { config } = caller;
  return (node, { runtime, disks }, call) => {
    const told = disks.map((disk): WireObject => encodeDisk(disk));
    return caller.one(
      node,
      {
        procedure: 'finalize_export',
        args: { instance: plainInstance(runtime), snap_disks: told },
        wire: (target) => [wireInstance(runtime, { config, node: target }), told],
        reads: nothing,
      },
      call,
    );
  };
}

/** Volume group, or provider, and volume. */
const place = once(() => z.tuple([z.string(), z.string()]));

function placeOnWire({ location }: Disk): readonly string[] {
  return encodeLocation(location, {}).map(String);
}

/** A copy that lies elsewhere would never be removed. */
function where(told: readonly string[], snapshot: Disk): Reply<void> {
  const wanted = placeOnWire(snapshot);
  if (wanted.join('/') === told.join('/')) return answered(undefined);
  return failed(`the copy lies in ${told.join('/')}, not in ${placeOf(snapshot.location)}`);
}

/** Daemons complain about an export that is not there; only the number says so reliably. */
function goneIsFine(reply: Reply<void>): Reply<void> {
  const isGone = !reply.ok && reply.failure === 'failed' && reply.message.includes('[Errno 2]');
  return isGone ? answered(undefined) : reply;
}
