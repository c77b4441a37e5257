/**
 * The test of one kind of blow: all creations, struck at each of their procedures in turn. Each ends
 * well or in a typed error, leaves nothing on the nodes that live, and once the victim is back
 * `recover()` leaves nothing at all.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { LuError } from '../../src/index.js';
import { Bed } from './bed.js';
import { type Creation, CREATIONS, NAME, prepareNodes, VICTIM } from './creations.js';
import { proceduresOfCreation } from './creation-procedures.js';
import { hurriedClock } from './hurried-clock.js';
import { Site } from './site.js';
import { type Blow, type Strike, Striking } from './striking.js';

/** What no creation reaches on these nodes, and why not. */
const OUT_OF_REACH: Readonly<Record<string, string>> = {
  blockdev_assemble: 'only helper machines use it, whose disk is a logical volume',
  blockdev_rename: 'only logical volumes are renamed',
  instance_info: 'only helper machines are looked at, and they need a logical volume',
};

/**
 * Things whose names nodes choose. If the answer is lost, nobody knows the name, and daemons have no
 * procedure that would tell: they stay until they end by themselves. A daemon that dies while it
 * writes down how it started a guest leaves the file that was to take the place of the old one.
 */
const NAMED_BY_NODES: Readonly<Record<string, RegExp>> = {
  export_start: /: \/var\/run\/ganeti\/import-export\//,
  import_start: /: \/var\/run\/ganeti\/import-export\//,
  instance_start: /: \/var\/run\/ganeti\/kvm-hypervisor\/conf\/[^/]+\.runtime\w{8}\.new$/,
  x509_cert_create: /: \/var\/run\/ganeti\/crypto\//,
};

/** Declares the tests. */
export function strikeAll(how: Strike): void {
  const struck = new Set<string>();
  let bed: Bed;

  beforeAll(async () => {
    bed = await Bed.start();
    await prepareNodes(bed);
  });

  // What a failed test has left must not fail the next one.
  afterEach(() => bed.sweep());

  afterAll(() => bed.stop());

  test.each(CREATIONS)(`${how}: a creation $title`, async (creation) => {
    const unharmed = await attempt(bed, creation);
    expect(unharmed.told).toBe(`no call: ${creation.ends}`);
    const due = new Map<string, number>();
    for (const { name, tookMs } of unharmed.calls) {
      const isDue = creation.strikes?.includes(name) ?? !struck.has(name);
      if (isDue && !due.has(name)) due.set(name, tookMs);
    }
    const ends: string[] = [];
    for (const [at, tookMs] of due) {
      const { told } = await attempt(bed, creation, { how, at, afterMs: tookMs / 2 });
      ends.push(told);
      struck.add(at);
    }
    process.stdout.write(`${how}, ${creation.title}: ${ends.join(', ')}\n`);
  });

  test(`${how}: no procedure of a creation is left out`, () => {
    const procedures = new Set([...struck].map((name) => name.split(' ')[0]));
    const missed = proceduresOfCreation().filter((name) => !procedures.has(name));
    expect(missed).toEqual(Object.keys(OUT_OF_REACH));
  });
}

interface Attempt {
  /** Where it was struck, and how it ended. */
  readonly told: string;
  readonly calls: Striking['seen'];
}

/** One creation; what must hold of all is looked at here. */
async function attempt(bed: Bed, creation: Creation, blow?: Blow): Promise<Attempt> {
  const through = new Striking(bed, VICTIM, blow);
  const options = creation.site?.(through) ?? {};
  const site = await Site.open(bed, { clock: hurriedClock(), ...options, through });
  const other = await creation.other?.(site);
  const error = await outcomeOf(site.create({ ...creation.op, ...other?.op }, other?.run));
  const calls = [...through.seen];
  const told = `${blow?.at ?? 'no call'}: ${error?.kind ?? 'done'}`;
  expect([told, through.isStruck]).toEqual([told, blow !== undefined]);
  await other?.end();
  if (error !== undefined) expect([told, await onTheLiving(site)]).toEqual([told, []]);
  if (blow !== undefined) {
    await through.revive();
    const { operations, corrupt } = await site.cluster.recover();
    const leaked = operations.flatMap((operation) => operation.leaked);
    expect([told, leaked, corrupt]).toEqual([told, [], []]);
  }
  if (error === undefined) await site.remove(NAME);
  const remains = await site.remains();
  expect([told, remains.filter((what) => !isNameless(what, blow))]).toEqual([told, []]);
  await bed.sweep();
  await site.close();
  return { told, calls };
}

/** Left by a call that was struck at work, so that nobody knows its name. */
function isNameless(what: string, blow: Blow | undefined): boolean {
  const place = blow?.how === 'during' ? NAMED_BY_NODES[blow.at] : undefined;
  return place?.test(what) === true;
}

/** What is left, but for the victim and for what is written down as due. */
async function onTheLiving(site: Site): Promise<readonly string[]> {
  const { name } = site.bed.node(VICTIM);
  const remains = await site.remains();
  return remains.filter((what) => !what.startsWith(`${name}:`) && !what.startsWith('journal:'));
}

/** The typed error, or none; anything else is a failure of the test. */
async function outcomeOf(work: Promise<unknown>): Promise<LuError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (LuError.is(error)) return error;
    throw error;
  }
}
