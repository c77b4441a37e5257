/**
 * The types that Ganeti's opcodes are checked against, as zod schemas: what the wire may carry, not
 * what makes sense. Messages never quote a value: it may be secret.
 */
import { z } from 'zod';

/** A type of the wire. */
export type WireType = z.ZodType;

/** Text. */
export const text = (): WireType => z.string();

/** Text that is not empty. */
export const filledText = (): WireType => z.string().min(1, 'must not be empty');

/** True or false. */
export const flag = (): WireType => z.boolean();

/** A whole number. */
export const integer = (): WireType => z.int();

/** A number that is not below 0. */
export const notNegative = (): WireType => z.number().min(0, 'must not be below 0');

/** Anything at all. */
export const anything = (): WireType => z.unknown();

/** A value of the type, or null. */
export const maybe = (type: WireType): WireType => type.nullable();

/** One of some words or numbers. */
export const oneOf = (...values: readonly (string | number)[]): WireType =>
  z.literal([...values], `one of ${values.join(', ')} is wanted`);

/** A list. */
export const listOf = (type: WireType): WireType => z.array(type);

/** An object with any keys. */
export const dictOf = (value: WireType): WireType => z.record(z.string(), value);

/** A disk of a request: which keys make sense is the operation's business. */
export const disk = (): WireType =>
  z.record(
    z.string().min(1, 'a key must not be empty'),
    z.union([z.string().min(1), z.int()], 'text that is not empty or a whole number is wanted'),
  );

/** The keys of a network card. */
export const NIC_KEYS = ['bridge', 'ip', 'link', 'mac', 'mode', 'name', 'network', 'vlan'] as const;

/** A network card of a request. */
export const nic = (): WireType => z.partialRecord(z.enum(NIC_KEYS), z.string().nullable());

const JOB = 'the number of a job is wanted';

/** Jobs that have to end first: their numbers, and how they may end. */
export const dependencies = (): WireType =>
  z.array(
    z.tuple([
      z.union([z.int(), z.string().regex(/^\d+$/, JOB)], JOB),
      z.array(oneOf('canceled', 'error', 'success')),
    ]),
  );
