/**
 * What goes wrong on real nodes that work: one does not know us, has a full disk, a script that
 * fails, a hook that refuses. It ends in a typed error, and nothing is left. Daemons that die or hang
 * are in `struck-*.real.ts`.
 */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { NodeTransport } from '../../src/ganeti/index.js';
import { type AnyReport, type CreateOp, LuError } from '../../src/index.js';
import { Bed } from './bed.js';
import { defineOs } from './os.js';
import { nameOf, Site } from './site.js';

const exec = promisify(execFile);

/** The node that suffers; another one leads. */
const VICTIM = 2;
const NAME = 'victim.example.com';

/** A small instance. */
const OP: Partial<CreateOp> = {
  instanceName: NAME,
  disks: [{ size: '8M' }, { size: '4M' }],
  nics: [{ mode: 'bridged', link: 'br0' }],
  osType: 'good',
  pnode: nameOf(VICTIM),
};

let bed: Bed;

beforeAll(async () => {
  bed = await Bed.start();
  for (const node of bed.nodes) await defineOs(node, 'good', 'exit 0');
});

afterEach(async () => {
  // What a failed test has left must not fail the next one.
  await bed.sweep();
  await bed.allowClient(VICTIM);
  for (const node of bed.nodes) {
    for (const phase of ['pre', 'post']) {
      await node.clear(`/etc/ganeti/hooks/instance-add-${phase}.d`);
    }
  }
});

afterAll(() => bed.stop());

async function outcomeOf(work: Promise<unknown>): Promise<LuError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (LuError.is(error)) return error;
    throw error;
  }
}

describe('given', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.open(bed, { wipeDisks: true });
  });

  afterAll(() => site.close());

  test('a node that does not know us, then it is refused before anything is made', async () => {
    await bed.node(VICTIM).allow([{ id: 'other', certificate: bed.server.certificate }]);
    const error = await outcomeOf(site.create(OP));
    expect(error).toMatchObject({ kind: 'prereq' });
    expect(error?.message).toContain('list of allowed clients');
    await bed.allowClient(VICTIM);
    expect(await site.remains()).toEqual([]);
  });

  test('a node that forgets us in the middle, then recovery clears it when we are known again', async () => {
    const forgetting: NodeTransport = {
      call: async (call, options) => {
        if (call.procedure === 'blockdev_wipe') {
          await bed.node(VICTIM).allow([{ id: 'other', certificate: bed.server.certificate }]);
        }
        return bed.transport().call(call, options);
      },
    };
    const other = await Site.open(bed, { wipeDisks: true, through: forgetting });
    const error = await outcomeOf(other.create(OP));
    expect(error).toMatchObject({ kind: 'exec' });
    expect(error).toHaveProperty('leaked.length', expect.any(Number));
    await bed.allowClient(VICTIM);
    await other.cluster.recover();
    expect(await other.remains()).toEqual([]);
    await other.close();
  });

  test('a disk that is full, then what was made of it goes', async () => {
    const victim = bed.node(VICTIM);
    await victim.stop();
    const place = victim.at('/srv/ganeti/file-storage');
    await mkdir(place, { recursive: true });
    await exec('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', place]);
    await victim.start();
    // Somebody else takes the room between the check and the work.
    const greedy = 'head -c 15m /dev/zero > /srv/ganeti/file-storage/others';
    await victim.script('/etc/ganeti/hooks/instance-add-pre.d/50-greedy', `#!/bin/sh\n${greedy}\n`);
    const error = await outcomeOf(site.create(OP));
    expect(error).toMatchObject({ kind: 'exec', leaked: [] });
    expect(error?.message).toMatch(/space/i);
    await victim.clear('/srv/ganeti/file-storage/others');
    expect(await site.remains()).toEqual([]);
    await victim.stop();
    await exec('umount', [place]);
    await victim.start();
  });

  test('an OS whose script fails, then its last words are told and nothing is left', async () => {
    await defineOs(bed.node(VICTIM), 'bad', 'echo no room for an OS; exit 3');
    const error = await outcomeOf(site.create({ ...OP, osType: 'bad' }));
    expect(error).toMatchObject({ kind: 'exec', leaked: [] });
    expect(error?.message).toContain('no room for an OS');
    expect(await site.remains()).toEqual([]);
  });

  test('a hook that refuses, on any of the nodes, then nothing is made', async () => {
    for (const number of [1, VICTIM]) {
      const hook = '/etc/ganeti/hooks/instance-add-pre.d/50-veto';
      await bed.node(number).script(hook, '#!/bin/sh\necho not today\nexit 1\n');
      const error = await outcomeOf(site.create(OP));
      expect(error).toMatchObject({
        kind: 'hooks',
        failures: [{ node: nameOf(number), script: '50-veto', output: 'not today' }],
      });
      expect(await site.remains()).toEqual([]);
      await bed.node(number).clear('/etc/ganeti/hooks/instance-add-pre.d');
    }
  });

  test('a hook that fails afterwards, then the instance stays', async () => {
    const hook = '/etc/ganeti/hooks/instance-add-post.d/50-late';
    await bed.node(VICTIM).script(hook, '#!/bin/sh\nexit 1\n');
    const events: AnyReport[] = [];
    await site.create(OP, { onReport: (event) => void events.push(event) });
    const warnings = events.filter(({ type }) => type === 'warning');
    expect(JSON.stringify(warnings)).toContain('50-late');
    expect(await site.running(VICTIM)).toEqual([NAME]);
    await site.remove(NAME);
    expect(await site.remains()).toEqual([]);
  });

  test('twenty creations at once over three nodes, then all succeed', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `many${index}.example.com`);
    await Promise.all(
      names.map((instanceName, index) =>
        site.create({ ...OP, instanceName, pnode: nameOf((index % 3) + 1) }),
      ),
    );
    const running = await Promise.all([1, 2, 3].map((number) => site.running(number)));
    expect(running.flat().sort()).toEqual([...names].sort());
    await Promise.all(names.map((name) => site.remove(name)));
    expect(await site.remains()).toEqual([]);
  });
});
