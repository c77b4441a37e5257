/**
 * Signatures by a shared secret: HMAC-SHA1 over a salt and a text, as Ganeti's clusters make them.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** The signature of a text, 40 hexadecimal digits. The salt counts as the text's beginning. */
export function sign(text: string, secret: string, salt: string = ''): string {
  return createHmac('sha1', secret).update(`${salt}${text}`).digest('hex');
}

/** Whether a signature is that of a text; takes the same time whatever differs. */
export function isSignatureOf(
  signature: string,
  text: string,
  secret: string,
  salt: string,
): boolean {
  const expected = Buffer.from(sign(text, secret, salt));
  const given = Buffer.from(signature.toLowerCase());
  return given.length === expected.length && timingSafeEqual(given, expected);
}
