/**
 * Backend parameters under Ganeti's names, both ways.
 */
import { z } from 'zod';
import { BE_PARAMS, type BeParams } from '../../model/be-params.js';
import { once } from '../wire/check.js';
import type { JsonObject, JsonValue } from '../wire/json.js';
import { wireBeName } from '../wire/be-names.js';

/** Some backend parameters; others than these are let pass. */
export const wireBeParams = once(() =>
  z
    .object({
      maxmem: z.number(),
      minmem: z.number(),
      vcpus: z.number(),
      spindle_use: z.number(),
      auto_balance: z.boolean(),
      always_failover: z.boolean(),
    })
    .partial(),
);

type WireBeParams = Readonly<Record<string, number | boolean | undefined>>;

/** Under our names. */
export function decodeBeParams(wire: WireBeParams): Partial<BeParams> {
  const rows = Object.entries(BE_PARAMS).map(([ours, row]) => [ours, wire[row.wireName]] as const);
  return Object.fromEntries(rows.filter(([, value]) => value !== undefined));
}

/** Under Ganeti's names. */
export function encodeBeParams(params: Partial<BeParams>): JsonObject {
  const rows = Object.entries(params) as [string, JsonValue][];
  return Object.fromEntries(rows.map(([ours, value]) => [wireBeName(ours), value]));
}
