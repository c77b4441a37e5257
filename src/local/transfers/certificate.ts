/**
 * A key and a certificate for it, signed by itself: what the two sides of an encrypted transfer
 * show each other. Node can make keys and signatures, but no certificates; the few fields of one
 * are written here (RFC 5280).
 */
import { createHash, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { der, oid, TAG, time, unsigned } from './der.js';

const COMMON_NAME = '2.5.4.3';
const BASIC_CONSTRAINTS = '2.5.29.19';
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const SERIAL_BYTES = 16;
const LINE = 64;

/** A key pair. The key never leaves this process. */
export interface NodeKey {
  /** PEM. */
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
}

/** Who it is for, and how long it is good. */
export interface Validity {
  readonly name: string;
  readonly fromMs: number;
  readonly validityS: number;
}

/** Makes both. */
export async function makeNodeKey(validity: Validity): Promise<NodeKey> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { key, certificate: pem(certificateOf(validity, publicKey, privateKey)) };
}

function certificateOf(
  { name, fromMs, validityS }: Validity,
  publicKey: KeyObject,
  privateKey: KeyObject,
): Buffer {
  const algorithm = der(TAG.sequence, oid(ECDSA_WITH_SHA256));
  const who = nameOf(name);
  const info = publicKey.export({ type: 'spki', format: 'der' });
  const body = der(
    TAG.sequence,
    der(TAG.context0, unsigned(Buffer.from([2]))),
    unsigned(serialOf(info)),
    algorithm,
    who,
    der(TAG.sequence, time(fromMs), time(fromMs + validityS * 1000)),
    who,
    info,
    der(TAG.context3, der(TAG.sequence, itsOwnAuthority())),
  );
  return der(TAG.sequence, body, algorithm, bits(sign('sha256', body, privateKey)));
}

function nameOf(name: string): Buffer {
  const value = der(TAG.utf8String, Buffer.from(name));
  return der(TAG.sequence, der(TAG.set, der(TAG.sequence, oid(COMMON_NAME), value)));
}

/** Keys differ, so numbers that are made of them do. */
function serialOf(publicKey: Uint8Array): Uint8Array {
  return createHash('sha256').update(publicKey).digest().subarray(0, SERIAL_BYTES);
}

function itsOwnAuthority(): Buffer {
  const yes = der(TAG.boolean, Buffer.from([0xff]));
  const value = der(TAG.octetString, der(TAG.sequence, yes));
  return der(TAG.sequence, oid(BASIC_CONSTRAINTS), yes, value);
}

/** No bit of the last byte is unused. */
function bits(bytes: Uint8Array): Buffer {
  return der(TAG.bitString, Buffer.from([0]), bytes);
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
