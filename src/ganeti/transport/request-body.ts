/**
 * Arguments as they leave. Daemons count characters where the length is in bytes, and wait for what
 * never comes if the two differ; so everything beyond ASCII is escaped.
 */
import type { JsonValue } from '../wire/json.js';

const BEYOND_ASCII = /[\u007f-\uffff]/g;

/** The arguments as JSON, in ASCII only. */
export function requestBody(args: readonly JsonValue[]): string {
  return JSON.stringify(args).replace(
    BEYOND_ASCII,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
