/**
 * How a receiving cluster tells a sending one where it listens.
 */
import type { RemoteDisk } from '../../ports/transfer.js';
import { sign } from './hmac.js';

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
