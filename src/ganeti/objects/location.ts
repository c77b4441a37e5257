/**
 * Where a disk's data lie: Ganeti's `logical_id`, a list whose form depends on the template.
 */
import { z } from 'zod';
import type { DiskTemplate } from '../../model/disk-template.js';
import type { DiskLocation } from '../../model/disk.js';
import type { NodeId } from '../../model/ids.js';
import { Secret } from '../../model/secret.js';
import { once } from '../wire/check.js';
import type { JsonValue } from '../wire/json.js';
import { type EncodeOptions, encodeSecret, wireId } from './fields.js';

type Kind = DiskLocation['kind'];
type Locations = { readonly [L in DiskLocation as L['kind']]: L };

/** First part of the list where Ganeti has no driver to choose from. */
const RBD = 'rbd';
const BLOCKDEV = 'manual';

const pair = (): z.ZodTuple<[z.ZodString, z.ZodString], null> => z.tuple([z.string(), z.string()]);

const mirror = once(() =>
  z.tuple([wireId<NodeId>(), wireId<NodeId>(), z.int(), z.int(), z.int(), z.string()]).transform(
    ([first, second, port, here, there, secret]): DiskLocation => ({
      kind: 'drbd',
      nodes: [first, second],
      port,
      minors: [here, there],
      secret: new Secret(secret),
    }),
  ),
);

const FORMS: Readonly<Record<Kind, () => z.ZodType<DiskLocation>>> = {
  file: once(() =>
    z
      .tuple([z.enum(['loop', 'blktap', 'blktap2']), z.string()])
      .transform(([driver, path]): DiskLocation => ({ kind: 'file', driver, path })),
  ),
  lvm: once(() =>
    pair().transform(
      ([volumeGroup, volume]): DiskLocation => ({ kind: 'lvm', volumeGroup, volume }),
    ),
  ),
  drbd: mirror,
  blockdev: once(() =>
    z
      .tuple([z.literal(BLOCKDEV), z.string()])
      .transform(([, path]): DiskLocation => ({ kind: 'blockdev', path })),
  ),
  rbd: once(() =>
    z
      .tuple([z.literal(RBD), z.string()])
      .transform(([, image]): DiskLocation => ({ kind: 'rbd', image })),
  ),
  ext: once(() =>
    pair().transform(([provider, volume]): DiskLocation => ({ kind: 'ext', provider, volume })),
  ),
};

const KINDS: Readonly<Record<Exclude<DiskTemplate, 'diskless'>, Kind>> = {
  blockdev: 'blockdev',
  drbd: 'drbd',
  ext: 'ext',
  file: 'file',
  gluster: 'file',
  plain: 'lvm',
  rbd: 'rbd',
  sharedfile: 'file',
};

/** Templates that a disk can have: all but the one for no disks. */
export const TEMPLATES_OF_DISKS = Object.keys(KINDS) as (keyof typeof KINDS)[];

/** How a template's list is read. */
export function locationSchema(template: keyof typeof KINDS): z.ZodType<DiskLocation> {
  return FORMS[KINDS[template]]();
}

const WRITE: { readonly [K in Kind]: (at: Locations[K], options: EncodeOptions) => JsonValue[] } = {
  file: ({ driver, path }) => [driver, path],
  lvm: ({ volumeGroup, volume }) => [volumeGroup, volume],
  drbd: ({ nodes, port, minors, secret }, options) => [
    ...nodes,
    port,
    ...minors,
    encodeSecret(secret, options),
  ],
  blockdev: ({ path }) => [BLOCKDEV, path],
  rbd: ({ image }) => [RBD, image],
  ext: ({ provider, volume }) => [provider, volume],
};

/** The list for a place. */
export function encodeLocation(location: DiskLocation, options: EncodeOptions): JsonValue[] {
  return write(location.kind, location, options);
}

function write<K extends Kind>(kind: K, at: Locations[K], options: EncodeOptions): JsonValue[] {
  return WRITE[kind](at, options);
}
