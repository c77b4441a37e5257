/** Certificates and users, on real etcd. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEtcd } from '../../src/etcd/index.js';
import type { EtcdKvStore } from '../../src/etcd/etcd-kv-store.js';
import type { EtcdTls } from '../../src/etcd/client/options.js';
import { systemClock } from '../../src/local/system-clock.js';
import { Secret } from '../../src/model/secret.js';
import type { KvChange } from '../../src/ports/kv-store.js';
import { type Certificates, makeCertificates } from './rig/certificates.js';
import { Cluster } from './rig/cluster.js';
import { HAS_ETCD } from './rig/etcd-binary.js';
import { lasting, poll } from './rig/poll.js';

const clock = systemClock();
const put = (key: string, value: string) => ({ op: 'put', key, value }) as const;

describe.runIf(HAS_ETCD)('certificates', () => {
  let certificates: Certificates;
  let cluster: Cluster;

  beforeAll(async () => {
    certificates = makeCertificates();
    const file = (name: string): string => join(certificates.directory, name);
    const tlsFlags = [
      ...['--cert-file', file('server.crt'), '--key-file', file('server.key')],
      ...['--trusted-ca-file', file('ca.crt'), '--client-cert-auth'],
    ];
    cluster = await Cluster.start({ tlsFlags, size: 1 });
    await poll('an etcd with certificates', async () =>
      (await open(good())).close().then(() => true),
    );
  });
  afterAll(async () => {
    await cluster.stop();
    certificates.remove();
  });

  const good = (): EtcdTls => ({
    ca: certificates.read('ca.crt'),
    certificate: certificates.read('client.crt'),
    key: new Secret(certificates.read('client.key')),
  });
  const open = (tls: EtcdTls): Promise<EtcdKvStore> =>
    openEtcd({ endpoints: cluster.endpoints, clock, prefix: 'tls/', tls, timeoutMs: 1_000 });

  test('given an authority and a certificate of ours, should be a store like any other', async () => {
    const store = await open(good());
    await store.txn([], [put('a', '1')]);
    expect(await store.get('a')).toMatchObject({ value: '1' });
    await store.close();
  });

  test('given the name that the server has in its certificate, should look for that', async () => {
    await (await open({ ...good(), serverName: 'etcd.test' })).close();
    await expect(open({ ...good(), serverName: 'another.test' })).rejects.toMatchObject({
      code: 'io',
    });
  });

  test('given another authority, or no certificate of ours, should say that nobody answers', async () => {
    const { ca, ...ours } = good();
    for (const tls of [{ ...ours, ca: certificates.read('other-ca.crt') }, { ca: ca ?? '' }]) {
      await expect(open(tls)).rejects.toMatchObject({
        code: 'io',
        message: expect.stringMatching(/certificate|dropped|ECONNRESET/) as string,
      });
    }
  });

  test('given what is no certificate, should say so and keep the key to itself', async () => {
    const key = new Secret('not-a-key-but-secret');
    const failing = open({ ...good(), key });
    await expect(failing).rejects.toMatchObject({ kind: 'bug' });
    await expect(failing).rejects.not.toThrow(/not-a-key/);
  });
});

describe.runIf(HAS_ETCD)('users', () => {
  let cluster: Cluster;
  let certificates: Certificates;
  const root = { user: 'root', password: new Secret('root-secret') };
  const alice = { user: 'alice', password: new Secret('alice-secret') };

  beforeAll(async () => {
    certificates = makeCertificates();
    const cwd = certificates.directory;
    execFileSync('openssl', 'genrsa -out jwt.key 2048'.split(' '), { cwd, stdio: 'pipe' });
    execFileSync('openssl', 'rsa -in jwt.key -pubout -out jwt.pub'.split(' '), {
      cwd,
      stdio: 'pipe',
    });
    const keys = `pub-key=${join(cwd, 'jwt.pub')},priv-key=${join(cwd, 'jwt.key')}`;
    // Tokens are good for a second, so that every test outlives some.
    const flags = ['--auth-token', `jwt,${keys},sign-method=RS256,ttl=1s`, '--bcrypt-cost', '4'];
    cluster = await Cluster.start({ flags });
  });
  afterAll(async () => {
    await cluster.stop();
    certificates.remove();
  });

  const open = (prefix: string, auth?: typeof root): Promise<EtcdKvStore> =>
    openEtcd({
      endpoints: cluster.endpoints,
      clock,
      prefix,
      ...(auth === undefined ? {} : { auth }),
    });

  test('given users, should do what the user may, and go on when tokens run out', async () => {
    // A client which knows its user already goes on when users are switched on.
    const early = await open('allowed/', alice);
    await early.txn([], [put('early', '1')]);
    await makeUsers();

    expect((await early.get('early'))?.value).toBe('1');
    const stop = new AbortController();
    const seen: KvChange[] = [];
    const { revision } = await early.range('');
    const watching = (async () => {
      for await (const change of early.watch('', revision, stop.signal)) seen.push(change);
    })();
    for (let n = 0; n < 3; n++) {
      await early.txn([], [put('count', String(n))]);
      await lasting(1_100);
    }
    expect((await early.get('count'))?.value).toBe('2');
    await poll('three changes', () => Promise.resolve(seen.length === 3));
    stop.abort();
    await watching;
    await early.close();
  });

  test('given a watch whose connection is lost after its token ran out, should go on', async () => {
    const store = await open('allowed/', alice);
    const { revision } = await store.range('');
    const stop = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { ops } of store.watch('again', revision, stop.signal)) {
        for (const { key } of ops) seen.push(key);
      }
    })();
    await store.txn([], [put('again/1', '')]);
    await poll('the first change', () => Promise.resolve(seen.length === 1));
    await lasting(1_100);
    // All of them at once: for a while there is nobody to give out a new one.
    await Promise.all(cluster.members.map((member) => member.kill()));
    await lasting(500);
    for (const member of cluster.members) member.start();
    await cluster.healthy();
    await store.txn([], [put('again/2', '')]);
    await poll('the second change', () => Promise.resolve(seen.length === 2));
    stop.abort();
    await watching;
    await store.close();
  });

  test('given a wrong password, no user, or a prefix of others, should refuse and say why', async () => {
    const wrong = { user: 'alice', password: new Secret('guess') };
    await expect(open('allowed/', wrong)).rejects.toThrow(/password/);
    await expect(open('allowed/')).rejects.toThrow(/auth/);
    await expect(open('elsewhere/', alice)).rejects.toThrow(/permit/);
    const store = await open('allowed/', alice);
    const { signal } = new AbortController();
    const outside = await openOutside();
    await expect(outside.watch('', 0, signal)[Symbol.asyncIterator]().next()).rejects.toThrow(
      /grant the role/,
    );
    await store.close();
    await outside.close();
  });

  /** A store that was opened while its user had the right. */
  async function openOutside(): Promise<EtcdKvStore> {
    await asRoot('/v3/auth/role/grant', grant('elsewhere/'));
    const store = await open('elsewhere/', alice);
    const { key, range_end } = grant('elsewhere/').perm;
    await asRoot('/v3/auth/role/revoke', { role: 'writer', key, range_end });
    return store;
  }

  async function makeUsers(): Promise<void> {
    for (const { user, password } of [root, alice]) {
      await post('/v3/auth/user/add', { name: user, password: password.reveal() });
    }
    await post('/v3/auth/role/add', { name: 'root' });
    await post('/v3/auth/role/add', { name: 'writer' });
    await post('/v3/auth/role/grant', grant('allowed/'));
    await post('/v3/auth/user/grant', { user: 'root', role: 'root' });
    await post('/v3/auth/user/grant', { user: 'alice', role: 'writer' });
    await post('/v3/auth/enable', {});
  }

  function grant(prefix: string) {
    const end = `${prefix.slice(0, -1)}0`;
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const perm = { permType: 'READWRITE', key: base64(prefix), range_end: base64(end) };
    return { name: 'writer', perm };
  }

  async function asRoot(path: string, body: object): Promise<void> {
    const { token } = (await post('/v3/auth/authenticate', {
      name: 'root',
      password: root.password.reveal(),
    })) as { token: string };
    await post(path, body, token);
  }

  async function post(path: string, body: object, token: string = ''): Promise<unknown> {
    const response = await fetch(cluster.endpoints[0] + path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: token === '' ? {} : { authorization: token },
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json();
  }
});
