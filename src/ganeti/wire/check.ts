/**
 * Checks of foreign data against a zod schema, with one form of message: the thing, the path in it,
 * the rule. Values are not quoted: they may be secret.
 */
import type { z } from 'zod';

/** The data in its type; else `fail` gets a message that names path and rule. */
export function checked<T>(
  schema: z.ZodType<T>,
  data: unknown,
  what: string,
  fail: (message: string) => never,
): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  return fail(`${what}: ${firstProblem(parsed.error)}`);
}

/** The first problem as `path: rule`. */
export function firstProblem(error: z.ZodError, at: readonly PropertyKey[] = []): string {
  const [issue] = error.issues;
  const path = [...at, ...(issue?.path ?? [])].map(String).join('.');
  const rule = issue?.message ?? 'not as it should be';
  return path === '' ? rule : `${path}: ${rule}`;
}

/** Makes something when it is first asked for, and keeps it: most commands need few schemas. */
export function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
