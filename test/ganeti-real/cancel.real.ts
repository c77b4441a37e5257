/**
 * A caller who gives up while real daemons work: the creation ends as `Cancelled`, and nothing is
 * left on any node, although a daemon cannot be told to stop what it has begun.
 */
import { truncate, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type {
  NodeAnswer,
  NodeCall,
  NodeCallOptions,
  NodeTransport,
} from '../../src/ganeti/index.js';
import { type CreateOp, LuError, type NodeId } from '../../src/index.js';
import { Bed } from './bed.js';
import { hurriedClock } from './hurried-clock.js';
import { defineOs } from './os.js';
import { nameOf, Site, type SiteOptions } from './site.js';

const MIB = 1024 * 1024;
const NAME = 'cancelled.example.com';
const IMAGE = '/srv/ganeti/large.raw';
const IMAGE_MIB = 600;

/** How long a node works on a call before it is given up. */
const AT_WORK_MS = 50;

const OP: Partial<CreateOp> = { instanceName: NAME, pnode: nameOf(2), osType: 'slow' };

let bed: Bed;

beforeAll(async () => {
  bed = await Bed.start();
  for (const node of bed.nodes) await defineOs(node, 'slow', 'sleep 2');
  await writeFile(bed.node(2).at('/srv/ganeti/os/slow/parameters.list'), 'os-image an image\n');
  await writeFile(bed.node(2).at(IMAGE), 'contents');
  await truncate(bed.node(2).at(IMAGE), IMAGE_MIB * MIB);
});

// What a failed test has left must not fail the next one.
afterEach(() => bed.sweep());

afterAll(() => bed.stop());

/** The caller gives up in the middle of the first call of a procedure. */
class GivingUp implements NodeTransport {
  readonly caller = new AbortController();
  readonly #next: NodeTransport;
  readonly #procedure: string;
  /** What the node answered to the call in whose middle it was. */
  answer: NodeAnswer | undefined;

  constructor(next: NodeTransport, procedure: string) {
    this.#next = next;
    this.#procedure = procedure;
  }

  async call(call: NodeCall, options: NodeCallOptions): Promise<ReadonlyMap<NodeId, NodeAnswer>> {
    const isHit = call.procedure === this.#procedure && !this.caller.signal.aborted;
    const answers = this.#next.call(call, options);
    if (!isHit) return answers;
    await Promise.race([answers, untilAtWork()]);
    await pause(AT_WORK_MS);
    this.caller.abort(new Error('the caller has lost patience'));
    [this.answer] = (await answers).values();
    return answers;
  }
}

/** The daemon has a process for the call. */
async function untilAtWork(): Promise<void> {
  while (!(await bed.node(2).isAtWork())) await pause(5);
}

interface Case {
  readonly title: string;
  readonly procedure: string;
  readonly op: Partial<CreateOp>;
  readonly site?: SiteOptions;
  /** How long commands are waited for that are under way; their answer is known by then or not. */
  readonly settleMs?: number;
  readonly answer: object;
}

const IMAGED = {
  disks: [{ size: `${IMAGE_MIB}M` }],
  osParams: { 'os-image': IMAGE },
};

const GIVEN_UP = { ok: false, failure: 'aborted' };

const CASES: readonly Case[] = [
  {
    title: 'while a node is asked',
    procedure: 'node_info',
    op: {},
    answer: { ok: expect.any(Boolean) as boolean },
  },
  {
    title: 'while an image is written, whose end is not waited for',
    procedure: 'blockdev_image',
    op: IMAGED,
    settleMs: 0,
    answer: GIVEN_UP,
  },
  {
    title: 'while an image is written, whose end is waited for',
    procedure: 'blockdev_image',
    op: IMAGED,
    settleMs: 60_000,
    answer: { ok: true },
  },
  {
    title: 'while a disk is wiped',
    procedure: 'blockdev_wipe',
    op: { disks: [{ size: '256M' }] },
    site: { wipeDisks: true },
    settleMs: 60_000,
    answer: { ok: true },
  },
  {
    title: "while the OS's script runs, which goes on",
    procedure: 'instance_os_add',
    op: {},
    settleMs: 0,
    answer: GIVEN_UP,
  },
  {
    title: 'while the guest starts',
    procedure: 'instance_start',
    op: {},
    settleMs: 60_000,
    answer: { ok: true },
  },
];

test.each(CASES)('given up $title, it is cancelled and nothing is left', async (given) => {
  const { procedure, op, site: options, settleMs, answer } = given;
  const next = bed.transport(settleMs === undefined ? {} : { settleMs });
  const through = new GivingUp(next, procedure);
  const site = await Site.open(bed, { clock: hurriedClock(), ...options, through });
  const { signal } = through.caller;
  const error: unknown = await site
    .create({ ...OP, ...op }, { signal })
    .catch((why: unknown) => why);
  expect(LuError.is(error) && error.toJSON()).toMatchObject({ kind: 'cancelled', leaked: [] });
  expect(through.answer).toMatchObject(answer);
  expect(await site.remains()).toEqual([]);
  // What goes on does not bring anything back.
  await pause(through.answer?.ok === false ? 2_500 : 0);
  expect(await site.remains()).toEqual([]);
  await site.close();
});
