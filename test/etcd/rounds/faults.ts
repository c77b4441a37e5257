/** What happens to a cluster, and how it is made good again. */
import type { SeededIds } from '../../../src/testing/seeded-ids.js';
import type { Cluster } from '../rig/cluster.js';
import type { Member } from '../rig/member.js';
import type { SlowDisk } from '../rig/slow-disk.js';

/** A fault. */
export interface Fault {
  readonly name: string;
  /** How long it lasts, milliseconds: longer than it takes to elect another leader. */
  readonly lastsMs: number;
  /** Makes it happen; gives back how to end it. */
  strike(cluster: Cluster, dice: SeededIds, disk: SlowDisk | undefined): Promise<() => void>;
}

/** The leader every other time: that hurts more, but is not all that happens. */
async function victim(cluster: Cluster, dice: SeededIds): Promise<Member> {
  const any = cluster.members[dice.integer(cluster.members.length)];
  return any === undefined || dice.integer(2) === 0 ? cluster.leader() : any;
}

/** The faults. */
export const FAULTS: Readonly<Record<'killed' | 'paused' | 'cutOff' | 'slow', Fault>> = {
  killed: {
    name: 'the leader is killed',
    lastsMs: 700,
    strike: async (cluster) => {
      const leader = await cluster.leader();
      await leader.kill();
      return () => leader.start();
    },
  },
  paused: {
    name: 'a member stands still',
    lastsMs: 900,
    strike: async (cluster, dice) => {
      const member = await victim(cluster, dice);
      await member.pause();
      return () => member.resume();
    },
  },
  cutOff: {
    name: 'a member is cut off',
    lastsMs: 900,
    strike: async (cluster, dice) => {
      const place = cluster.placeOf(await victim(cluster, dice));
      place.cut(true);
      return () => place.cut(false);
    },
  },
  slow: {
    name: "the leader's disk is slow",
    lastsMs: 900,
    strike: async (cluster, _dice, disk) => {
      disk?.slow((await cluster.leader()).pid);
      return () => disk?.release();
    },
  },
};
