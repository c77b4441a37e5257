/**
 * A process with one cluster. It measures a round whenever it is told to, so that clusters of
 * several sizes take turns, and the heap of the large one burdens nobody but itself.
 */
import { cpuUs } from '../measure.js';
import { Floor } from './floor.js';
import { World } from './world.js';

/** Creations before the first measurement: enough for the compiler to settle. */
const WARM_UPS = 25;

/** Creations in one measured stretch, with distinct names; removed again when it is over. */
const BATCH = 50;

/** The floor is so much cheaper that it has to be repeated to be measured. */
const FLOORS = 10 * BATCH;

/** What one round found, CPU microseconds per creation. */
export interface LuRound {
  readonly createUs: number;
  readonly floorUs: number;
}

const [count, hypervisor] = process.argv.slice(2);
const world = await World.open(Number(count), hypervisor === 'kvm' ? 'kvm' : 'fake');
const floor = new Floor(await world.callsPerCreate());
for (let time = 0; time < WARM_UPS; time++) await round();
process.on('message', () => void round().then((found) => process.send?.(found)));
process.send?.('ready');
process.on('disconnect', () => process.exit());

async function round(): Promise<LuRound> {
  const names = Array.from({ length: BATCH }, (_, at) => `new${at}.example.com`);
  const begin = cpuUs();
  for (const name of names) await world.create(name);
  const created = cpuUs();
  for (const name of names) await world.remove(name);
  const removed = cpuUs();
  for (let time = 0; time < FLOORS; time++) await floor.create();
  const floored = cpuUs();
  return { createUs: (created - begin) / BATCH, floorUs: (floored - removed) / FLOORS };
}
