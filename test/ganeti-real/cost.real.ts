/**
 * A creation costs the process that leads at most a tenth of what it costs a Ganeti master. It is the
 * one figure that a test asserts: it is far from its limit, and counts CPU, not time.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Bed } from './bed.js';
import { costOf, GANETI_MS, KINDS } from './cost.js';
import { Site } from './site.js';

let bed: Bed;
let site: Site;

beforeAll(async () => {
  bed = await Bed.start();
  site = await Site.open(bed);
});

afterAll(async () => {
  await site.close();
  await bed.stop();
});

test.each(KINDS)(
  'a creation on %s disks costs at most a tenth of what it costs a Ganeti master',
  async (kind) => {
    const [ours, theirs] = [await costOf(kind, site), GANETI_MS[kind]];
    const ratio = (ours / theirs).toFixed(3);
    process.stdout.write(`${kind}: ${ours.toFixed(1)} ms CPU, Ganeti ${theirs} ms: ${ratio}\n`);
    expect(await site.remains()).toEqual([]);
    expect(ours).toBeLessThanOrEqual(theirs / 10);
  },
);
