/**
 * What goes wrong, and when: drawn from the seed before anything happens.
 */
import { type ControlPlane, LEASE_MS } from './control-plane.js';
import { FAIR, type Network } from './network.js';
import { NODES } from './site.js';
import type { StoreServer } from './store-server.js';
import type { World } from './world.js';

/** Everything that can go wrong. */
export const FAULTS = [
  'losses',
  'doubles',
  'delays',
  'storm',
  'cut from the store',
  'cut from nodes',
  'cut from all',
  'mire',
  'pause',
  'clock jump',
  'crash',
  'election',
] as const;

export type Fault = (typeof FAULTS)[number];

/** Whom faults hit. */
export interface Victims {
  readonly world: World;
  readonly network: Network;
  readonly server: StoreServer;
  readonly planes: readonly ControlPlane[];
}

/** Longest fault, milliseconds; longer than a process may be silent. */
const LONGEST_MS = 3 * LEASE_MS;

/** How much longer than the lease a message may be late: it comes after somebody has taken over. */
const LATEST_MS = 3 * LEASE_MS;

/** Plans all faults within a time; answers how often each is planned. */
export function planFaults(victims: Victims, count: number, withinMs: number): Map<Fault, number> {
  const { world, network } = victims;
  const planned = new Map<Fault, number>();
  for (let each = 0; each < count; each++) {
    const fault = world.oneOf(FAULTS);
    planned.set(fault, (planned.get(fault) ?? 0) + 1);
    const forMs = world.between(1000, LONGEST_MS);
    world.at(world.below(withinMs), () => {
      world.note(`fault: ${fault} for ${forMs}`);
      HAPPEN[fault](victims, forMs);
    });
  }
  world.at(withinMs, () => {
    world.note('fair weather from now on');
    network.clear();
  });
  return planned;
}

const HAPPEN: Readonly<Record<Fault, (victims: Victims, forMs: number) => void>> = {
  losses: (victims, forMs) => weather(victims, forMs, { loss: 0.1 }),
  doubles: (victims, forMs) => weather(victims, forMs, { doubling: 0.3 }),
  delays: (victims, forMs) => weather(victims, forMs, { lateness: 0.2, lateMs: LATEST_MS }),
  storm: (victims, forMs) =>
    weather(victims, forMs, { loss: 0.05, doubling: 0.1, lateness: 0.1, lateMs: 3000 }),
  'cut from the store': ({ world, network, server, planes }, forMs) =>
    network.cut(world.oneOf(planes).name, server.name, forMs),
  'cut from nodes': ({ world, network, planes }, forMs) => {
    const { name } = world.oneOf(planes);
    for (const node of NODES.keys()) if (world.chance(0.5)) network.cut(name, node, forMs);
  },
  'cut from all': ({ world, network, server, planes }, forMs) => {
    const { name } = world.oneOf(planes);
    for (const other of [server.name, ...NODES.keys()]) network.cut(name, other, forMs);
  },
  // Cut from the store, and what it still says to nodes takes its time.
  mire: ({ world, network, server, planes }, forMs) => {
    const { name } = world.oneOf(planes);
    network.cut(name, server.name, forMs);
    network.mire(name, forMs, LATEST_MS);
  },
  pause: ({ world, planes }) => world.oneOf(planes).machine.standStill(2 * LEASE_MS),
  'clock jump': ({ world, planes }) =>
    world.oneOf(planes).machine.jump(world.between(-3_600_000, 3_600_000)),
  crash: ({ world, planes }, forMs) => {
    const plane = world.oneOf(planes);
    if (!plane.machine.isDead) plane.crash(forMs);
  },
  election: ({ world, server }) => server.elect(world.between(500, 3000)),
};

function weather(
  { world, network }: Victims,
  forMs: number,
  kind: Partial<Network['weather']>,
): void {
  const weather = { ...FAIR, ...kind };
  network.weather = weather;
  world.at(forMs, () => {
    if (network.weather === weather) network.weather = FAIR;
  });
}
