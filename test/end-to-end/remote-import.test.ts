/**
 * An instance that another cluster sends to this machine. The other cluster is played by a node of
 * its own, with a key of its own: it only knows what it is offered.
 */
import { createHmac } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type AnyReport, type CreateOp, LuError } from '../../src/index.js';
import { signCertificate } from '../../src/instance-create/trust/certificate.js';
import { HERE, type NodeLab, openNode } from '../local/node/lab.js';
import { bytesOf } from '../local/transfers/random-bytes.js';
import { type Lab, openLab } from './lab.js';
import { quickClock } from './quick-clock.js';

const MIB = 1024 * 1024;
const SECRET = 'only the two of us know this';
const CONTENTS = bytesOf('remote', 16 * MIB);
const NAME = 'web1.example.com';

type Offer = Extract<AnyReport, { type: 'remoteImport' }>;

/** The other cluster's node, which holds a dump. */
interface Other {
  readonly node: NodeLab;
  readonly dump: string;
  readonly keyName: string;
  readonly certificate: string;
}

async function openOther(): Promise<Other> {
  const node = await openNode(undefined, {}, (dir) => ({ exportDir: join(dir, 'exports') }));
  onTestFinished(() => node.dispose());
  const dump = join(node.dir, 'exports/web1/dump0');
  await mkdir(join(dump, '..'));
  await writeFile(dump, CONTENTS);
  const made = await node.rpc.createCertificate(HERE, { validityS: 3600 });
  if (!made.ok) throw new Error(made.message);
  return { node, dump, ...made.payload };
}

/** Sends to where it is offered to; answers with how that ended. */
async function send(other: Other, { disks, certificate }: Offer): Promise<string> {
  const [disk] = disks;
  const authority = certificate.slice(certificate.indexOf('-----BEGIN'));
  const { keyName, node, dump } = other;
  const common = { compress: 'gzip', connectTimeoutS: 60, magic: disk?.magic ?? '' };
  const started = await node.rpc.startExport(HERE, {
    options: { ...common, keyName, authority },
    runtime: node.runtime,
    component: 'disk0',
    from: { kind: 'file', path: dump },
    host: '127.0.0.1',
    port: disk?.port ?? 0,
  });
  if (!started.ok) return started.message;
  for (;;) {
    const reply = await node.rpc.transferStatus(HERE, { daemons: [started.payload] });
    const state = reply.ok ? reply.payload[0] : undefined;
    if (state?.exitStatus !== undefined) return state.error ?? 'well';
    await delay(5);
  }
}

function remoteImport(other: Other): CreateOp {
  const greeting = createHmac('sha1', SECRET).update("salt0:Hi, I'm Ganeti").digest('hex');
  return {
    instanceName: NAME,
    mode: 'remote-import',
    hypervisor: 'fake',
    diskTemplate: 'file',
    disks: [{ size: 16 }],
    nics: [],
    osType: 'test+plain',
    beParams: { memoryMib: 128, vcpus: 1 },
    pnode: 'node1',
    nameCheck: false,
    ipCheck: false,
    compress: 'gzip',
    sourceHandshake: [0, greeting, 'salt'],
    sourceX509Ca: signCertificate(other.certificate, SECRET, 'salt'),
    sourceInstanceName: 'old.example.com',
  };
}

function openReceiving(importScript: string): Promise<Lab> {
  const hosts = { 'old.example.com': '192.0.2.60' };
  return openLab({ clock: quickClock(), hosts, domainSecret: SECRET, import: importScript });
}

test('should make an instance of what another cluster sends, encrypted and compressed', async () => {
  const lab = await openReceiving('cat > "$IMPORT_DEVICE"');
  const other = await openOther();
  const sent: Promise<string>[] = [];
  const onReport = (event: AnyReport): void => {
    if (event.type === 'remoteImport') sent.push(send(other, event));
  };
  expect(await lab.run(remoteImport(other), { onReport })).toEqual(['node1']);
  expect(await Promise.all(sent)).toEqual(['well']);
  const directory = join(lab.disks, NAME);
  const [file = ''] = await readdir(directory);
  expect((await readFile(join(directory, file))).equals(CONTENTS)).toBe(true);
});

test('given a script that fails, then both clusters know and nothing is left', async () => {
  const lab = await openReceiving('cat > /dev/null; echo "wrong format"; exit 1');
  const other = await openOther();
  const before = await lab.state();
  const sent: Promise<string>[] = [];
  const onReport = (event: AnyReport): void => {
    if (event.type === 'remoteImport') sent.push(send(other, event));
  };
  const error: unknown = await lab
    .run(remoteImport(other), { onReport })
    .catch((reason: unknown) => reason);
  expect(LuError.is(error) && error.toJSON()).toMatchObject({ name: 'ExecError', leaked: [] });
  expect(String(error)).toMatch(/script 'import' ended with exit code 1;[\s\S]*wrong format/);
  expect(await Promise.all(sent)).toEqual([
    expect.stringMatching(/^the other side has broken off/),
  ]);
  expect(await lab.state()).toEqual(before);
});
