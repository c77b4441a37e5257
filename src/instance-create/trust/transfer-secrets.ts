/**
 * What the two sides of a transfer know each other by, and how a receiving cluster tells a sending
 * one where it listens.
 */
import { createHash } from 'node:crypto';
import type { RemoteDisk } from '../../ports/transfer.js';
import { PROTOCOL_VERSION } from './handshake.js';
import { sign } from './hmac.js';

/** The word by which the two sides of one transfer know each other. */
export function transferMagic(base: string, instanceName: string, position: number): string {
  return createHash('sha1')
    .update(`${PROTOCOL_VERSION}${base}${instanceName}${position}`)
    .digest('hex');
}

/** Tells another cluster, which knows the secret as well, where to send a disk's contents. */
export function remoteDisk(
  place: Pick<RemoteDisk, 'host' | 'port' | 'magic'>,
  position: number,
  secret: string,
  salt: string,
): RemoteDisk {
  const { host, port, magic } = place;
  const signature = sign(`${position}:${host}:${port}:${magic}`, secret, salt);
  return { host, port, magic, signature, salt };
}

/** Hexadecimal digits out of a fresh UUID, for salts and the like; at most 16. */
export function digitsOf(uuid: string, count: number): string {
  return uuid.replaceAll('-', '').slice(-count);
}
