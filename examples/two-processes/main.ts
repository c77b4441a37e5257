/**
 * Two processes which create instances at the same time, with one etcd between them. One of them is
 * killed in the middle of its work; the other one finishes that.
 *
 *   npm run build && npm run build:examples && node build/examples/two-processes/main.js
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child, say } from './child.js';
import { hasEtcd, startEtcd } from './etcd.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const OS_DEFINITIONS = join(HERE, '../../../examples/os');

/** The instances of each process. */
const OF_ONE = ['a1', 'a2', 'a3'];
const OF_TWO = ['b1', 'b2', 'b3'];
/** What the second process is at when it is killed. */
const FATAL = /^b2: Wiping disk 0/;

if (hasEtcd()) await main();
else say('SKIPPED: etcd is not installed. On Debian: apt-get install etcd-server');

async function main(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'logical-units-two-'));
  const etcd = await startEtcd(join(dir, 'etcd'));
  const start = (name: string, instances: readonly string[]): Child =>
    new Child(name, join(HERE, 'worker.js'), [etcd.endpoint, dir, OS_DEFINITIONS, ...instances]);
  const workers: Child[] = [];
  try {
    const [one, two] = [start('one', OF_ONE), start('two', OF_TWO)];
    workers.push(one, two);
    await Promise.all([one.hears(/^ready$/), two.hears(/^ready$/)]);
    one.tell('go');
    two.tell('go');
    await two.hears(FATAL);
    say('--- two is killed; one may wait for its locks for as long as its lease lasts, 10 s');
    await two.kill();
    await Promise.all([one.hears(/^finished the work/), one.hears(/^done$/)]);
    say('--- two is started once more, with what it had not done');
    const again = start('two', OF_TWO.slice(1));
    workers.push(again);
    await again.hears(/^ready$/);
    again.tell('go');
    await again.hears(/^done$/);
    const views = await Promise.all([one, again].map((worker) => worker.end()));
    await check(views, join(dir, 'disks'));
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
    await etcd.stop();
    await rm(dir, { recursive: true });
  }
}

/** Both see all instances, and there is a disk for each of them and none besides. */
async function check(views: readonly string[], disks: string): Promise<void> {
  const all = [...OF_ONE, ...OF_TWO];
  const there = await readdir(disks, { recursive: true });
  const files = there.filter((path) => path.endsWith('.disk0'));
  const isRight =
    views.every((view) => view === `sees ${all.join(', ')}`) && files.length === all.length;
  say(`--- ${all.length} instances were to be made; there are ${files.length} disks`);
  if (!isRight) throw new Error(`that is not right: ${[...views, ...there].join('; ')}`);
}
