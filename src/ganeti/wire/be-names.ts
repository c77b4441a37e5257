/**
 * Names of backend parameters: ours (`maxMemMib`) and Ganeti's (`maxmem`), both ways. A name that
 * neither side knows stays as it is, so that it can be refused where parameters are judged.
 */
import { BE_PARAMS } from '../../model/be-params.js';

/** Ganeti's old name for both bounds at once, and ours for it. */
const SHORTHAND = ['memoryMib', 'memory'] as const;

const PAIRS: readonly (readonly [ours: string, wire: string])[] = [
  ...Object.entries(BE_PARAMS).map(([ours, { wireName }]) => [ours, wireName] as const),
  SHORTHAND,
];

const OURS: ReadonlyMap<string, string> = new Map(PAIRS.map(([ours, wire]) => [wire, ours]));
const WIRE: ReadonlyMap<string, string> = new Map(PAIRS);

/** Our name; `undefined` for a name that is ours already, and so is unknown to Ganeti. */
export function ourBeName(wire: string): string | undefined {
  const ours = OURS.get(wire);
  if (ours !== undefined) return ours;
  return WIRE.has(wire) ? undefined : wire;
}

/** Ganeti's name. */
export function wireBeName(ours: string): string {
  return WIRE.get(ours) ?? ours;
}

/** All names of Ganeti's, the shorthand not among them. */
export const WIRE_BE_NAMES: readonly string[] = Object.values(BE_PARAMS).map(
  ({ wireName }) => wireName,
);
