/**
 * What a commit costs: adding an instance with two disks and two cards to clusters of ten to a
 * hundred thousand, in memory against one immer `produce` that makes the same objects, and on disk
 * against a bare lmdb that puts and syncs the same text.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Immer } from 'immer';
import { open, type RootDatabase } from 'lmdb';
import type { ClusterConfig } from '../src/config/cluster-config.js';
import { MemoryKvStore } from '../src/config/memory-kv-store.js';
import { openLmdb } from '../src/lmdb/index.js';
import { addGuest, clusterOf, type Guest, guest, range, removeGuest } from './config/instances.js';
import { cpuUs, median, pairedRatio } from './measure.js';
import type { BenchRow } from './row.js';

const SIZES = [10, 1_000, 10_000, 100_000] as const;
const ROUNDS = 7;
const IN_MEMORY = 150;
const ON_DISK = 25;

/** All rows of the configuration. */
export async function benchConfig(): Promise<BenchRow[]> {
  return [...(await benchMemory()), ...(await benchDurable())];
}

async function benchMemory(): Promise<BenchRow[]> {
  const clusters = new Map<number, ClusterConfig>();
  for (const size of SIZES) clusters.set(size, await clusterOf(size, new MemoryKvStore()));
  const figures = new Figures();
  // The first rounds are for the compiler, not for the figures.
  for (let round = -3; round < ROUNDS; round++) {
    const guests = range(IN_MEMORY).map((n) => guest(1_000_000 + n, 2));
    const peer = await produceAll(guests);
    for (const [size, config] of clusters) {
      const value = await addAll(config, guests);
      if (round >= 0) figures.add(`${size}`, value, peer);
    }
  }
  return [
    ...SIZES.map((size) => ({
      name: `commit in memory, ${size} instances`,
      unit: 'µs CPU',
      peer: 'immer produce of the instance',
      ...figures.row(`${size}`, 1.5),
    })),
    growth('commit in memory, 100,000 instances against 10', figures, 1.5),
  ];
}

async function addAll(config: ClusterConfig, guests: readonly Guest[]): Promise<number> {
  const start = cpuUs();
  for (const one of guests) await addGuest(config, one);
  const spent = (cpuUs() - start) / guests.length;
  for (const one of guests) await removeGuest(config, one);
  return spent;
}

/** The least that making an immutable instance by immer costs, into a plain map. */
async function produceAll(guests: readonly Guest[]): Promise<number> {
  const immer = new Immer({ autoFreeze: true });
  const all = new Map<string, object>();
  const copies = guests.map(({ instance, disks }) => structuredClone({ instance, disks }));
  const start = cpuUs();
  for (const copy of copies) {
    const made = immer.produce({} as Partial<typeof copy>, (draft) => {
      Object.assign(draft, copy);
    });
    all.set(copy.instance.id, made);
    await Promise.resolve();
  }
  return (cpuUs() - start) / guests.length;
}

async function benchDurable(): Promise<BenchRow[]> {
  const root = mkdtempSync(join(tmpdir(), 'lu-bench-'));
  try {
    const figures = new Figures();
    for (const size of SIZES) await benchSize(size, join(root, String(size)), figures);
    return SIZES.map((size) => ({
      name: `commit on lmdb, ${size} instances`,
      unit: 'µs wall',
      peer: 'bare lmdb put + flushed of the same text',
      ...figures.row(`${size}`, 1.5),
    }));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function benchSize(size: number, path: string, figures: Figures): Promise<void> {
  const store = await openLmdb({ path });
  const config = await clusterOf(size, store);
  const bare = open<string, string>({ path: `${path}-bare`, encoding: 'string' });
  const { entries } = await store.range('config/');
  await bare.transaction(() => {
    for (const { key, value } of entries) void bare.put(key, value);
  });
  for (let round = -1; round < ROUNDS; round++) {
    const guests = range(ON_DISK).map((n) => guest(1_000_000 + n, 2));
    const peer = await putAll(bare, guests);
    const value = await commitAll(config, guests);
    if (round >= 0) figures.add(`${size}`, value, peer);
  }
  await bare.close();
  await config.close();
  await store.close();
}

async function commitAll(config: ClusterConfig, guests: readonly Guest[]): Promise<number> {
  const start = performance.now();
  for (const one of guests) await addGuest(config, one);
  const spent = ((performance.now() - start) * 1000) / guests.length;
  for (const one of guests) await removeGuest(config, one);
  return spent;
}

async function putAll(db: RootDatabase<string, string>, guests: readonly Guest[]): Promise<number> {
  const texts = guests.map((one) => [one.instance.id, JSON.stringify(one)] as const);
  const start = performance.now();
  for (const [key, text] of texts) {
    await db.put(key, text);
    await db.flushed;
  }
  const spent = ((performance.now() - start) * 1000) / guests.length;
  for (const [key] of texts) await db.remove(key);
  return spent;
}

/** Values and peers by name, one pair per round. */
class Figures {
  readonly #values = new Map<string, number[]>();
  readonly #peers = new Map<string, number[]>();

  add(name: string, value: number, peer: number): void {
    this.values(name).push(value);
    pushTo(this.#peers, name, peer);
  }

  values(name: string): number[] {
    return pushTo(this.#values, name);
  }

  row(name: string, most?: number): Pick<BenchRow, 'value' | 'peerValue' | 'ratio'> {
    const [values, peers] = [this.values(name), pushTo(this.#peers, name)];
    const ratio = pairedRatio(values, peers);
    const goal = most === undefined ? {} : { goal: `≤ ${most}x`, met: ratio <= most };
    return { value: median(values), peerValue: median(peers), ratio, ...goal };
  }
}

function pushTo(lists: Map<string, number[]>, name: string, ...values: number[]): number[] {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  list.push(...values);
  return list;
}

function growth(name: string, figures: Figures, most: number): BenchRow {
  const ratio = pairedRatio(figures.values('100000'), figures.values('10'));
  return { name, value: ratio, unit: 'x', goal: `≤ ${most}x`, met: ratio <= most };
}
