/**
 * What daemons answer about disks.
 */
import { z } from 'zod';
import type { MirrorStatus } from '../../ports/node-facts.js';
import { optional } from '../export/optional.js';
import { once } from '../wire/check.js';
import { maybe } from './payloads.js';

/** By the daemon's code. */
const LOCAL: Readonly<Record<number, NonNullable<MirrorStatus['local']>>> = {
  1: 'ok',
  2: 'syncing',
  3: 'unknown',
  4: 'faulty',
};

/** Nothing is known, so nothing is known to be wrong: it holds up nothing. */
const UNKNOWN: MirrorStatus = { degraded: false, local: 'unknown' };

const mirrorState = once(() =>
  z
    .object({
      sync_percent: maybe(z.number()),
      estimated_time: maybe(z.number()),
      is_degraded: maybe(z.boolean()),
      ldisk_status: maybe(z.int()),
    })
    .nullable()
    .transform((state): MirrorStatus => {
      if (state === null) return UNKNOWN;
      const { ldisk_status: code } = state;
      return {
        degraded: state.is_degraded ?? false,
        ...optional({
          syncPercent: state.sync_percent,
          estimatedS: state.estimated_time,
          local: code === undefined ? undefined : LOCAL[code],
        }),
      };
    }),
);

/** States of mirrors, in the order of the question. */
export const mirrorStates = once(() => z.array(mirrorState()));

/** For each disk whether it worked; daemons add the reason if it did not. */
export const verdicts = once(() =>
  z.array(
    z.union([z.boolean(), z.tuple([z.boolean(), z.unknown()]).transform(([worked]) => worked)]),
  ),
);

/** Device, link and address of an assembled disk; no text where there is no device to tell. */
export const devicePath = once(() =>
  z.tuple([z.unknown()], z.unknown()).transform(([path]) => (typeof path === 'string' ? path : '')),
);
