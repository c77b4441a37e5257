/**
 * What goes wrong on real nodes: the daemon dies or hangs at any call of a creation, does not know
 * us, has a full disk, a script that fails, a hook that refuses. It ends in a typed error; nothing
 * is left on the nodes that live, and when the other one is back, `recover()` clears it, too.
 */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type {
  NodeAnswer,
  NodeCall,
  NodeCallOptions,
  NodeTransport,
} from '../../src/ganeti/index.js';
import { type AnyReport, type CreateOp, LuError, type NodeId } from '../../src/index.js';
import { Bed } from './bed.js';
import { defineOs } from './os.js';
import { idOf, nameOf, Site, type SiteOptions } from './site.js';

const exec = promisify(execFile);

/** The node that suffers; another one leads. */
const VICTIM = 2;
const NAME = 'victim.example.com';

/** All that a creation can ask of a node. */
const OP: Partial<CreateOp> = {
  instanceName: NAME,
  disks: [{ size: '8M' }, { size: '4M' }],
  nics: [{ mode: 'bridged', link: 'br0' }],
  osType: 'good',
  pnode: nameOf(VICTIM),
};

/** The same with fewer steps of one kind. */
const SMALL: Partial<CreateOp> = { ...OP, disks: [{ size: '4M' }] };

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

type Strike = 'before' | 'during' | 'after' | 'hang';

/** Strikes at one of the calls to the victim, counted from 0. */
class Striking implements NodeTransport {
  readonly procedures: string[] = [];
  readonly #next: NodeTransport;
  readonly #at: number;
  readonly #how: Strike;
  #isArmed = true;

  constructor(next: NodeTransport, at: number, how: Strike) {
    this.#next = next;
    this.#at = at;
    this.#how = how;
  }

  /** Strikes no more. */
  disarm(): void {
    this.#isArmed = false;
  }

  async call(call: NodeCall, options: NodeCallOptions): Promise<ReadonlyMap<NodeId, NodeAnswer>> {
    const isHit = call.nodes.some(({ id }) => id === idOf(VICTIM));
    if (!isHit || !this.#isArmed) return this.#next.call(call, options);
    this.procedures.push(call.procedure);
    if (this.procedures.length - 1 !== this.#at) return this.#next.call(call, options);
    const victim = bed.node(VICTIM);
    if (this.#how === 'hang') victim.hold();
    if (this.#how === 'before') await victim.stop('SIGKILL');
    const answers = this.#next.call(call, options);
    if (this.#how === 'during') {
      await pause(30);
      await victim.stop('SIGKILL');
    }
    await answers;
    if (this.#how === 'after') await victim.stop('SIGKILL');
    return answers;
  }
}

/** Answers quickly when nobody is there. */
const IMPATIENT: SiteOptions['transport'] = { connectMs: 1_000, repeatAfterMs: [] };

async function struck(at: number, how: Strike): Promise<{ site: Site; striking: Striking }> {
  const striking = new Striking(bed.transport(IMPATIENT), at, how);
  return { striking, site: await Site.open(bed, { wipeDisks: true, through: striking }) };
}

async function outcomeOf(work: Promise<unknown>): Promise<LuError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (LuError.is(error)) return error;
    throw error;
  }
}

/** What is left, but for the victim and for what is written down as due. */
async function onTheLiving(site: Site): Promise<readonly string[]> {
  const remains = await site.remains();
  return remains.filter((what) => !/^(node2\.test|journal):/.test(what));
}

async function revive(): Promise<void> {
  const victim = bed.node(VICTIM);
  await victim.stop('SIGKILL');
  await victim.start();
}

describe('a daemon that fails at any call of a creation', () => {
  test.each(['before', 'during', 'after', 'hang'] as const)(
    '(%s it) leaves nothing when it is back and recovery has run',
    async (how) => {
      const ends: string[] = [];
      for (let at = 0; ; at += 1) {
        const { site, striking } = await struck(at, how);
        const error = await outcomeOf(site.create(SMALL));
        striking.disarm();
        const procedure = striking.procedures[at];
        const told = `${at} ${procedure ?? 'no call'}: ${error?.kind ?? 'done'}`;
        ends.push(told);
        const living = error === undefined ? [] : await onTheLiving(site);
        expect([told, living]).toEqual([told, []]);
        await revive();
        const { operations, corrupt } = await site.cluster.recover();
        const leaked = operations.flatMap((operation) => operation.leaked);
        expect([told, leaked, corrupt]).toEqual([told, [], []]);
        if (error === undefined) await site.remove(NAME);
        expect([told, await site.remains()]).toEqual([told, []]);
        await site.close();
        // One more than there are calls: nothing was struck, so nothing may have failed.
        if (procedure === undefined) {
          expect([told, error?.message]).toEqual([told, undefined]);
          break;
        }
      }
      const struckAt = new Set(ends.map((told) => told.split(/[ :]/)[1]));
      for (const procedure of EVERY) expect(struckAt).toContain(procedure);
      expect(ends.filter((told) => told.endsWith('prereq')).length).toBeGreaterThan(2);
      expect(ends.filter((told) => told.endsWith('exec')).length).toBeGreaterThan(4);
      process.stdout.write(`${how}: ${ends.join(', ')}\n`);
    },
    900_000,
  );

  const EVERY = [
    ...['node_info', 'hypervisor_validate_params', 'os_validate', 'os_diagnose', 'bridges_exist'],
    ...['hooks_runner', 'get_file_info', 'file_storage_dir_create', 'blockdev_create'],
    ...['blockdev_wipe', 'instance_os_add', 'instance_start'],
  ];
});

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
