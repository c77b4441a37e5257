import { describe, expect, test } from 'vitest';
import { LuError } from '../../src/errors.js';
import {
  checkValidity,
  readSignedCertificate,
  signCertificate,
} from '../../src/instance-create/trust/certificate.js';
import { handshakeMessage, handshakeProblem } from '../../src/instance-create/trust/handshake.js';
import { sign } from '../../src/instance-create/trust/hmac.js';
import { remoteDisk } from '../../src/instance-create/trust/transfer-secrets.js';
import { failed } from '../../src/ports/reply.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import { answer, CERTIFICATE, inTime, openLab, SECRET } from './import-support.js';
import { create, request } from './support.js';

const HANDSHAKE = [0, sign(handshakeMessage(0), SECRET, 'salt'), 'salt'];

function remoteImport(changes: Partial<CreateOp> = {}): CreateOp {
  return request({
    mode: 'remote-import',
    disks: [{ size: 64 }, { size: 32 }],
    sourceHandshake: HANDSHAKE,
    sourceX509Ca: signCertificate(CERTIFICATE, SECRET, 'salt'),
    sourceInstanceName: 'old.example.com',
    ...changes,
  });
}

async function failureOf(work: Promise<unknown>): Promise<LuError> {
  const error = await work.catch((problem: unknown) => problem);
  if (LuError.is(error)) return error;
  throw new Error(`it did not fail as it should: ${String(error)}`);
}

describe('a remote import', () => {
  test('should offer all disks at once when all of them are awaited', async () => {
    const { cluster, transfers } = await openLab();
    await inTime(cluster, create(cluster, remoteImport()));
    const offers = cluster.events.filter((event) => event.type === 'remoteImport');
    expect(offers).toHaveLength(1);
    const [offer] = offers;
    expect(offer?.disks).toHaveLength(2);
    expect(readSignedCertificate(offer?.certificate ?? '', SECRET)).toBe(CERTIFICATE);
    for (const [at, disk] of (offer?.disks ?? []).entries()) {
      expect(disk).toEqual(remoteDisk(disk, at, SECRET, disk.salt));
    }
    expect(transfers.leftovers()).toEqual([]);
  });

  test('should wait for the guest to be stopped over there', async () => {
    const { cluster, transfers } = await openLab({ status: () => ({ output: [], port: 1 }) });
    const op = remoteImport({ sourceShutdownTimeoutS: 20 });
    const error = await failureOf(inTime(cluster, create(cluster, op)));
    expect(error.message).toContain('after 200 seconds');
    expect(transfers.leftovers()).toEqual([]);
    expect(await cluster.leftovers()).toEqual([]);
  });

  test('should remove its key when it is cancelled', async () => {
    const { cluster, transfers } = await openLab({ status: () => ({ output: [], port: 1 }) });
    const stop = new AbortController();
    const run = create(cluster, remoteImport(), {
      signal: stop.signal,
      onReport: ({ type }) => {
        if (type === 'remoteImport') stop.abort();
      },
    });
    await expect(inTime(cluster, run)).rejects.toMatchObject({ name: 'Cancelled', leaked: [] });
    expect(transfers.log.filter((line) => line.startsWith('remove key'))).toHaveLength(1);
    expect(transfers.leftovers()).toEqual([]);
    expect(await cluster.leftovers()).toEqual([]);
  });

  test('should name a key that cannot be removed, and remove it by recovery', async () => {
    const lab = await openLab();
    const { cluster, transfers } = lab;
    answer(lab, { removeCertificate: () => Promise.resolve(failed('read-only')) });
    await expect(inTime(cluster, create(cluster, remoteImport()))).rejects.toMatchObject({
      message: expect.stringContaining('Cannot remove the key key-1 on node1: read-only') as string,
      leaked: [{ what: 'key key-1 for transfers on node1' }],
    });
    expect(transfers.leftovers()).toEqual(['key-1']);
    answer(lab, transfers.calls);
    await cluster.recover();
    expect(transfers.leftovers()).toEqual([]);
  });

  test.each(['sourceX509Ca', 'sourceInstanceName'] as const)(
    'should be refused without %s',
    async (field) => {
      const { cluster } = await openLab();
      const { [field]: _, ...op } = remoteImport();
      const error = await failureOf(create(cluster, op));
      expect(error).toMatchObject({ code: 'wrong_input' });
      expect(error.message).toContain(`is missing; give ${field}`);
    },
  );

  test.each<[why: string, changes: Partial<CreateOp>, about: string | undefined]>([
    ['another secret', { sourceHandshake: [0, sign(handshakeMessage(0), 'x'), ''] }, undefined],
    ['no handshake', { sourceHandshake: [] }, undefined],
    ['a certificate that is not signed', { sourceX509Ca: CERTIFICATE }, 'signature'],
    [
      'a certificate that somebody else signed',
      { sourceX509Ca: signCertificate(CERTIFICATE, 'x', 'salt') },
      'signature',
    ],
    ['a text that is no certificate', { sourceX509Ca: 'X-Other: a/b\n\nnone' }, 'signature'],
    ['no certificate at all', { sourceX509Ca: 'X-Ganeti-Signature: a/b\n\nnone' }, undefined],
  ])('should refuse %s', async (_, changes, about) => {
    const { cluster } = await openLab();
    const error = await failureOf(create(cluster, remoteImport(changes)));
    expect(error).toMatchObject({ code: 'wrong_input' });
    expect(error.about).toBe(about);
    expect(await cluster.leftovers()).toEqual([]);
  });

  test('should be refused when the site shares no secret', async () => {
    const { cluster } = await openLab({ site: {} });
    const error = await failureOf(create(cluster, remoteImport()));
    expect(error.message).toContain('domainSecret');
  });
});

test('a handshake of another version is told apart', () => {
  const handshake = [7, sign(handshakeMessage(7), SECRET, 's'), 's'];
  expect(handshakeProblem(SECRET, handshake)).toContain('version 7');
});

test.each([
  [Date.UTC(2019, 11, 31), 'valid from'],
  [Date.UTC(2099, 0, 2), 'valid until'],
])('a certificate is refused out of its time', (nowMs, words) => {
  expect(() => checkValidity(CERTIFICATE, nowMs)).toThrow(words);
});

test('line breaks on the way do a certificate no harm', () => {
  const signed = signCertificate(CERTIFICATE, SECRET, 'salt').replaceAll('\n', '\r\n');
  expect(readSignedCertificate(signed, SECRET)).toBe(CERTIFICATE);
});

test('other lines may stand before the signature', () => {
  const signed = signCertificate(CERTIFICATE, SECRET, 'salt');
  expect(readSignedCertificate(`X-Other: 1\n${signed}`, SECRET)).toBe(CERTIFICATE);
});

test('a salt that no signature can hold is refused', () => {
  expect(() => signCertificate(CERTIFICATE, SECRET, 'a/b')).toThrow('letters and digits');
});
