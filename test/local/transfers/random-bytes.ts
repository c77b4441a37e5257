/** Random bytes that come again with the seed of the run. */
import { createCipheriv, createHash } from 'node:crypto';

/** So many of them; each label has its own. */
export function bytesOf(label: string, count: number): Buffer {
  const seed = process.env['SEED'] ?? '0';
  const key = createHash('sha256').update(`${seed}/${label}`).digest();
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  return cipher.update(Buffer.alloc(count));
}
