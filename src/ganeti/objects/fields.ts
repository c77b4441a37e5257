/**
 * What Ganeti's objects have in common: serial number, times, tags, private values; and how one is
 * checked on its way in. Unknown fields are let pass: who reads a whole configuration keeps them.
 */
import { z } from 'zod';
import { ConfigError } from '../../errors.js';
import type { Stored } from '../../model/ids.js';
import type { Params } from '../../model/params.js';
import { Secret } from '../../model/secret.js';
import { firstProblem, once } from '../wire/check.js';
import type { JsonObject, JsonValue } from '../wire/json.js';

/**
 * How objects are written.
 * @public
 */
export interface EncodeOptions {
  /**
   * What is written for a private value: its text unless given, as configuration files and nodes
   * want it. For logs and comparisons, something that hides it.
   */
  readonly hide?: (value: string) => JsonValue;
}

/** A private value, written as the options say. */
export function encodeSecret(secret: Secret<string>, { hide }: EncodeOptions): JsonValue {
  const value = secret.reveal();
  return hide === undefined ? value : hide(value);
}

/** Private values by name. */
export function encodeSecrets(
  secrets: Readonly<Record<string, Secret<string>>>,
  options: EncodeOptions,
): JsonObject {
  return mapValues(secrets, (secret) => encodeSecret(secret, options));
}

/** Private values by name. */
export function decodeSecrets(
  texts: Readonly<Record<string, string>>,
): Record<string, Secret<string>> {
  return mapValues(texts, (text) => new Secret(text));
}

/** The same keys, other values. */
export function mapValues<From, To>(
  from: Readonly<Record<string, From>>,
  map: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [key, map(value, key)]));
}

/** Without the fields that are `undefined`: absent is left out. */
export function present(fields: { readonly [key: string]: JsonValue | undefined }): JsonObject {
  const some = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(some) as JsonObject;
}

/** The fields of {@link Stored} in an object of Ganeti's. */
export const storedFields = once(() => ({
  serial_no: z.int().nullish(),
  ctime: z.number().nullish(),
  mtime: z.number().nullish(),
  tags: z.array(z.string()).nullish(),
}));

interface WireStored {
  readonly serial_no?: number | null | undefined;
  readonly ctime?: number | null | undefined;
  readonly mtime?: number | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
}

/** An object that is not in a configuration yet has neither serial number nor times: serial 0. */
export function decodeStored(wire: WireStored): Stored {
  return {
    serial: wire.serial_no ?? 0,
    createdAtMs: msOf(wire.ctime ?? 0),
    modifiedAtMs: msOf(wire.mtime ?? 0),
    tags: wire.tags ?? [],
  };
}

/** Tags appear if there are any, serial number and times once the object is in a configuration. */
export function encodeStored(stored: Stored): JsonObject {
  const tags = stored.tags.length === 0 ? {} : { tags: stored.tags };
  return stored.serial === 0 ? tags : { ...encodeStamp(stored), ...tags };
}

/** Serial number and times alone. */
export function encodeStamp(stored: Omit<Stored, 'tags'>): JsonObject {
  return {
    serial_no: stored.serial,
    ctime: secondsOf(stored.createdAtMs),
    mtime: secondsOf(stored.modifiedAtMs),
  };
}

/** Ganeti's times are seconds with fractions down to the microsecond, which survive. */
function msOf(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e3;
}

function secondsOf(ms: number): number {
  return Math.round(ms * 1e3) / 1e6;
}

/** Values of parameters by name. */
export const wireParams = once(
  (): z.ZodType<Params> =>
    z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
);

/** Text by name. Who talks to Ganeti by its API can have stored numbers: they are text to an OS. */
export const wireTexts = once(() =>
  z.record(z.string(), z.union([z.string(), z.number().transform(String)])),
);

/** A branded id; any text but the empty one, since clusters have been seen with all kinds. */
export function wireId<Id extends string>(): z.ZodType<Id> {
  return z.custom<Id>((value) => typeof value === 'string' && value !== '', 'expected an id');
}

/**
 * An object in its type. Throws `ConfigError` `corrupt` that names the object, by name or UUID, and
 * the field.
 */
export function checkObject<T>(schema: z.ZodType<T>, json: unknown, kind: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw corruptObject(json, kind, firstProblem(parsed.error));
}

/** The error for an object that cannot be used; `why` names the field. */
export function corruptObject(json: unknown, kind: string, why: string): ConfigError {
  const name = z
    .object({ name: z.string() })
    .or(z.object({ uuid: z.string() }))
    .safeParse(json);
  const which = name.success ? ` '${Object.values(name.data).join()}'` : '';
  const message = `The ${kind}${which} cannot be read: ${why}; restore the configuration`;
  return new ConfigError(message, 'corrupt');
}

/** The field, unless there is no value: `null` and absent are the same in Ganeti's objects. */
export function given<K extends string, V>(
  name: K,
  value: V,
): { readonly [P in K]?: NonNullable<V> } {
  const isThere = value !== null && value !== undefined;
  return (isThere ? { [name]: value } : {}) as { readonly [P in K]?: NonNullable<V> };
}

/** Empty text means "none" in Ganeti's settings. */
export function someText(text: string | null | undefined): string | undefined {
  return text === null || text === '' ? undefined : text;
}
