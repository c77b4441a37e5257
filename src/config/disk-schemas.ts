/**
 * The shapes of what a stored disk is made of: the place of its data, by kind of storage, and its
 * parts.
 */
import { z } from 'zod';
import { DISK_TEMPLATES } from '../model/disk-template.js';
import type { DiskId, NodeId } from '../model/ids.js';
import { id, once, params, secret } from './schema-parts.js';

/** Two of a kind: one for each end of a mirrored disk. */
function pair<T extends z.ZodType>(type: T): z.ZodTuple<[T, T], null> {
  return z.tuple([type, type]);
}

/** Where data lie. */
export const diskLocation = once(() =>
  z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('file'),
      driver: z.enum(['loop', 'blktap', 'blktap2']),
      path: z.string(),
      madeDirectories: z.array(z.string()).exactOptional(),
    }),
    z.strictObject({ kind: z.literal('lvm'), volumeGroup: z.string(), volume: z.string() }),
    z.strictObject({
      kind: z.literal('drbd'),
      nodes: pair(id<NodeId>()),
      port: z.int(),
      minors: pair(z.int()),
      secret: secret(),
    }),
    z.strictObject({ kind: z.literal('blockdev'), path: z.string() }),
    z.strictObject({ kind: z.literal('rbd'), image: z.string() }),
    z.strictObject({ kind: z.literal('ext'), provider: z.string(), volume: z.string() }),
  ]),
);

/** A part of a mirrored disk. */
export const diskPart = once(() =>
  z.strictObject({
    id: id<DiskId>(),
    template: z.enum(DISK_TEMPLATES),
    sizeMib: z.number(),
    location: diskLocation(),
    params: params(),
    nodes: z.array(id<NodeId>()),
  }),
);
