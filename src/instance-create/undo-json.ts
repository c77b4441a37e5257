/**
 * Objects of the configuration as arguments of undo entries, and back.
 *
 * J1 Secrets survive: a disk has to be named to its node by what it was made with. The journal lies
 *    in the same protected store as the configuration, which holds these secrets as well; what is
 *    used once and never kept (secret OS parameters) is not part of an instance, nor of this.
 */
import { Secret } from '../model/secret.js';
import type { JsonValue } from '../ports/journal.js';

/** Marks a secret; no object of the configuration has a field of this name. */
const MARK = '$secret';

/** The value as JSON. */
export function toJson(value: unknown): JsonValue {
  if (value instanceof Secret) return { [MARK]: String(value.reveal()) };
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, toJson(inner)]),
  );
}

/** The value that the JSON was made from. */
export function fromJson(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json !== 'object' || json === null) return json;
  const fields: Readonly<Record<string, unknown>> = { ...json };
  const secret = fields[MARK];
  if (typeof secret === 'string') return new Secret(secret);
  return Object.fromEntries(Object.entries(fields).map(([key, inner]) => [key, fromJson(inner)]));
}
