import { inspect } from 'node:util';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PrereqError } from '../../../src/errors.js';
import {
  certificateFingerprint,
  formatAllowedClients,
  parseCredentials,
  readCredentials,
  writeAllowedClients,
} from '../../../src/ganeti/index.js';
import { CLIENT, credentials, pkiFile, SERVER } from './pki.js';

/** The middle of the client's key, which must be nowhere. */
const KEY_PART = CLIENT.split('\n')[5] ?? '';

async function scratch(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'credentials-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  return dir;
}

async function refusal(work: () => unknown): Promise<PrereqError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof PrereqError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('credentials', () => {
  test('are the same out of texts and out of files', async () => {
    const files = { client: pkiFile('client.pem'), cluster: pkiFile('server.pem') };
    const read = await readCredentials(files);
    expect(read.certificate).toBe(credentials().certificate);
    expect(read.authority).toBe(credentials().authority);
    expect(read.key.reveal()).toBe(credentials().key.reveal());
    expect(CLIENT).toContain(read.key.reveal().trim());
  });

  test("hold no key of the cluster, and do not show the client's", () => {
    expect(credentials().authority).not.toContain('PRIVATE KEY');
    expect(KEY_PART).not.toBe('');
    expect(JSON.stringify(credentials()) + inspect(credentials())).not.toContain(KEY_PART);
  });

  test.each([
    ['nothing', '', SERVER, 'no certificate'],
    [
      'no key',
      SERVER.replace(/-----BEGIN PRIVATE[\s\S]*PRIVATE KEY-----/, ''),
      SERVER,
      'no private',
    ],
    ['a key that is cut off', CLIENT.replace(KEY_PART, ''), SERVER, 'cannot be used'],
    ['a key of somebody else', keyOf(CLIENT) + certificateOf(SERVER), SERVER, 'does not belong'],
    ['a damaged certificate', CLIENT.replace(/(CERTIFICATE-----\n).*\n/, '$1'), SERVER, 'damaged'],
    ['no certificate of the cluster', CLIENT, '', "The cluster's certificate: no certificate"],
  ])('given %s, then they are refused', async (_what, client, cluster, words) => {
    const error = await refusal(() => parseCredentials({ client, cluster }));
    expect(error.code).toBe('environment_error');
    expect(error.message).toContain(words);
    expect(inspect(error, { depth: 9 })).not.toContain(KEY_PART);
  });

  test('name the file that is missing', async () => {
    const error = await refusal(() => readCredentials({ client: '/nowhere/client.pem' }));
    expect(error.message).toContain('/nowhere/client.pem');
  });
});

describe('the list of allowed clients', () => {
  const ours = { id: 'b7a6', certificate: CLIENT };

  test('has one line for each: id, and what openssl prints as fingerprint', () => {
    expect(formatAllowedClients([ours])).toBe(`b7a6=${FINGERPRINT}\n`);
    expect(certificateFingerprint(CLIENT)).toBe(FINGERPRINT);
  });

  test.each([
    [[], 'needs one'],
    [[ours, ours], 'twice'],
    [[{ ...ours, id: 'a=b' }], 'cannot name'],
    [[{ ...ours, id: '' }], 'cannot name'],
    [[{ ...ours, certificate: 'none' }], 'no certificate'],
  ])('is not made of %#', async (clients, words) => {
    expect((await refusal(() => formatAllowedClients(clients))).message).toContain(words);
  });

  test('replaces the former one, also a read-only one, and leaves nothing beside it', async () => {
    const dir = await scratch();
    const file = join(dir, 'list');
    await writeFile(file, 'former', { mode: 0o444 });
    await writeAllowedClients(file, [ours]);
    expect(await readFile(file, 'utf8')).toBe(`b7a6=${FINGERPRINT}\n`);
    expect((await stat(file)).mode & 0o777).toBe(0o444);
    expect(await readdir(dir)).toEqual(['list']);
  });

  test('that cannot be written leaves the former one', async () => {
    const dir = await scratch();
    const error = await refusal(() => writeAllowedClients(join(dir, 'no/list'), [ours]));
    expect(error.code).toBe('environment_error');
    await refusal(() => writeAllowedClients(dir, [ours]));
    expect(await readdir(dir)).toEqual([]);
  });
});

/** As `openssl x509 -noout -fingerprint -sha1` prints it. */
const FINGERPRINT = '9F:EF:7B:EB:28:56:22:04:06:91:A1:9C:39:D9:1C:60:2D:E0:4F:44';

function keyOf(text: string): string {
  return text.slice(0, text.indexOf('-----BEGIN CERTIFICATE'));
}

function certificateOf(text: string): string {
  return text.slice(text.indexOf('-----BEGIN CERTIFICATE'));
}
