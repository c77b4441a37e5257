/** Keys and certificates of nodes, looked at by the platform's own parser, and OpenSSL's program. */
import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeNodeKey } from '../../../src/local/transfers/certificate.js';
import { NodeKeys } from '../../../src/local/transfers/node-keys.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { scratchDirectory } from '../process/scratch.js';

const FROM = Date.parse('2026-11-27T08:00:00Z');

test('should make a certificate that says who, from when, and until when', async () => {
  const made = await makeNodeKey({ name: 'node1.example.com', fromMs: FROM, validityS: 86_400 });
  const certificate = new X509Certificate(made.certificate);
  expect(certificate.subject).toBe('CN=node1.example.com');
  expect(certificate.issuer).toBe('CN=node1.example.com');
  expect(Date.parse(certificate.validFrom)).toBe(FROM);
  expect(Date.parse(certificate.validTo)).toBe(FROM + 86_400_000);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(made.key))).toBe(true);
});

test('should make one that OpenSSL believes', async (ctx) => {
  if (spawnSync('openssl', ['version']).status !== 0) return ctx.skip('openssl is not installed');
  const path = join(await scratchDirectory(), 'cert.pem');
  for (const name of ['n', 'ü.example.com', 'x'.repeat(300)]) {
    const made = await makeNodeKey({ name, fromMs: Date.now() - 1000, validityS: 60 });
    await writeFile(path, made.certificate);
    const { stdout } = spawnSync('openssl', ['verify', '-x509_strict', '-CAfile', path, path]);
    expect(stdout.toString()).toBe(`${path}: OK\n`);
  }
});

test('should keep keys apart, and forget them', async () => {
  const keys = new NodeKeys(new ManualClock());
  const one = await keys.create(60);
  const other = await keys.create(60);
  expect(keys.identity(one.keyName, 'ca')).toMatchObject({ certificate: one.certificate });
  expect(one.certificate).not.toBe(other.certificate);
  keys.remove(one.keyName);
  keys.remove(one.keyName);
  expect(() => keys.identity(one.keyName, 'ca')).toThrow(/has no key/);
  expect(keys.identity(other.keyName, 'ca')).toMatchObject({ authority: 'ca' });
  for (const validityS of [0, -1, 1.5, Number.NaN]) {
    await expect(keys.create(validityS)).rejects.toThrow(/whole number of seconds above 0/);
  }
});
