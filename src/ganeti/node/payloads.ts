/**
 * What answers are made of, as far as several procedures share it. Daemons leave out what has no
 * value or send null for it, and write some numbers as text.
 */
import { z } from 'zod';
import { once } from '../wire/check.js';

/** An answer that says nothing but that it was done. */
export const nothing = once(() => z.unknown().transform((): void => undefined));

/** Text. */
export const text = once(() => z.string());

/** A number, or text that is one. */
export function numeric(): z.ZodType<number> {
  const written = z
    .string()
    .regex(/^\s*[+-]?\d+(\.\d+)?\s*$/)
    .transform(Number)
    // Hundreds of digits are more than any number holds.
    .refine(Number.isFinite, 'the number is too large');
  return z.union([z.number(), written]);
}

/** A value that may be null or missing. */
export function maybe<T>(schema: z.ZodType<T>): z.ZodType<T | undefined> {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** A mapping, as a map. */
export function mapping<T>(schema: z.ZodType<T>): z.ZodType<ReadonlyMap<string, T>> {
  return z.record(z.string(), schema).transform((values) => new Map(Object.entries(values)));
}

/** A list; null counts as an empty one. */
export function list<T>(schema: z.ZodType<T>): z.ZodType<readonly T[]> {
  return z
    .array(schema)
    .nullish()
    .transform((values) => values ?? []);
}
