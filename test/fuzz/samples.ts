/**
 * What is good before it is damaged: exports, allocators' replies, handshakes and certificates.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { handshakeMessage } from '../../src/instance-create/trust/handshake.js';
import { sign } from '../../src/instance-create/trust/hmac.js';
import { signCertificate } from '../../src/instance-create/trust/certificate.js';
import { CERTIFICATE, SECRET } from '../instance-create/import-support.js';

const FIXTURES = new URL('../fixtures/ganeti/', import.meta.url);

/** Proof that the other cluster knows the secret. */
export function handshake(): readonly unknown[] {
  return [0, sign(handshakeMessage(0), SECRET, 'salt'), 'salt'];
}

/** The other cluster's certificate. */
export function signedCertificate(): string {
  return signCertificate(CERTIFICATE, SECRET, 'salt');
}

/** A damaged certificate whose signature is right all the same. */
export function signedAnyway(pem: string): string {
  try {
    return signCertificate(pem, SECRET, 'salt');
  } catch {
    return `X-Ganeti-Signature: salt/${sign(pem, SECRET, 'salt')}\n\n${pem}`;
  }
}

/** A handshake of that version and salt whose signature is right. */
export function handshakeOf(version: unknown, salt: unknown): readonly unknown[] {
  return [version, sign(handshakeMessage(String(version)), SECRET, String(salt)), salt];
}

/** Descriptions of exports, good and bad. */
export function exportTexts(): readonly string[] {
  const recorded = linesOf<{ text: string }>('exports.jsonl.gz').map(({ text }) => text);
  return [readFileSync(new URL('export-two-disks.ini', FIXTURES), 'utf8'), ...recorded];
}

/** Opcodes as they are on the wire. */
export function wireOpcodes(): readonly unknown[] {
  return linesOf<{ params: unknown }>('opcodes.jsonl.gz').map(({ params }) => params);
}

/** What allocator programs print. */
export const ALLOCATOR_REPLIES: readonly string[] = [
  '{"success": true, "info": "all fine", "result": ["node1"]}',
  '{"success": true, "info": "all fine", "result": ["node1", "node2"]}',
  '{"success": true, "info": "", "nodes": ["node2"]}',
  '{"success": false, "info": "Can\'t find primary node", "result": []}',
  '{"success": true, "info": "", "result": ["node1", "node1"]}',
  '{"success": true, "info": "", "result": null}',
];

function linesOf<T>(name: string): readonly T[] {
  const text = gunzipSync(readFileSync(new URL(name, FIXTURES))).toString('utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as T);
}
