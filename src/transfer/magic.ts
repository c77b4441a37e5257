/**
 * The word by which the two sides of one transfer know each other. It keeps a daemon from taking
 * what was meant for another one that had the same port.
 */
import { createHash } from 'node:crypto';
import { LOCAL_LIMITS } from './limits.js';
import type { TransferOptions } from '../ports/transfer.js';

/** Version of the protocol between clusters (Ganeti's `RIE_VERSION`). */
export const PROTOCOL_VERSION = 0;

/** Hexadecimal digits of the secret that all words of one operation are made of. */
const SECRET_DIGITS = 12;

/** The word of one transfer. */
export function transferMagic(base: string, instanceName: string, position: number): string {
  return createHash('sha1')
    .update(`${PROTOCOL_VERSION}${base}${instanceName}${position}`)
    .digest('hex');
}

/** The secret that the words of an operation are made of, out of a fresh UUID. */
export function transferSecret(uuid: string): string {
  return digitsOf(uuid, SECRET_DIGITS);
}

/** Hexadecimal digits out of a fresh UUID, for salts and the like; at most 16. */
export function digitsOf(uuid: string, count: number): string {
  return uuid.replaceAll('-', '').slice(-count);
}

/** What goes with a transfer between two nodes of one cluster. */
export function localOptions(compress: string, magic: string): TransferOptions {
  return { compress, magic, connectTimeoutS: LOCAL_LIMITS.connectMs / 1000 };
}
