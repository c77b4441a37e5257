/**
 * Certificates that clusters hand each other: PEM with a line before it that signs it by the secret
 * which both share. What is signed is the certificate in its standard form, so that line breaks on
 * the way do no harm.
 */
import { X509Certificate } from 'node:crypto';
import { refuse } from '../../errors.js';
import { isSignatureOf, sign } from './hmac.js';

/** Name of the line with the signature (Ganeti's `X509_CERT_SIGNATURE_HEADER`). */
const HEADER = 'X-Ganeti-Signature';

const SIGNATURE = new RegExp(`^${HEADER}:\\s*([a-z0-9]+)/([a-z0-9]+)$`, 'i');

/** A salt that a signature line can hold. */
const SALT = /^[a-z0-9]+$/i;

/**
 * The certificate in a signed text, in standard form. Throws `PrereqError` `wrong_input`: about
 * `signature` if it is not signed with the secret, without that if it is no certificate.
 */
export function readSignedCertificate(text: string, secret: string): string {
  const { salt, signature } =
    signatureOf(text) ??
    refuse.input('The certificate is not signed; sign it with the domain secret', {
      about: 'signature',
    });
  const pem = parsed(text).toString();
  if (isSignatureOf(signature, pem, secret, salt)) return pem;
  return refuse.input(
    "The certificate's signature is wrong; give both clusters the same domain secret",
    { about: 'signature' },
  );
}

/** A certificate with a line that signs it. */
export function signCertificate(pem: string, secret: string, salt: string): string {
  if (!SALT.test(salt))
    refuse.input('A salt is made of letters and digits', { about: 'signature' });
  const standard = parsed(pem).toString();
  return `${HEADER}: ${salt}/${sign(standard, secret, salt)}\n\n${standard}`;
}

/** Throws `PrereqError` `wrong_input` if a certificate is not valid at this time. */
export function checkValidity(pem: string, nowMs: number): void {
  const { validFrom, validTo } = parsed(pem);
  if (Date.parse(validTo) < nowMs) {
    refuse.input(`The other cluster's certificate was valid until ${validTo}; make a new one`);
  }
  if (Date.parse(validFrom) > nowMs) {
    refuse.input(`The other cluster's certificate is valid from ${validFrom} on; set the clocks`);
  }
}

/** Only what stands before the certificate is looked at. */
function signatureOf(text: string): { salt: string; signature: string } | undefined {
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.startsWith('---')) return undefined;
    const [, salt, signature] = SIGNATURE.exec(line.trim()) ?? [];
    if (salt !== undefined && signature !== undefined) return { salt, signature };
  }
  return undefined;
}

function parsed(text: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (cause) {
    return refuse.input('The text holds no certificate; give it in PEM form', { cause });
  }
}
