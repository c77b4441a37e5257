/**
 * Whether the pages of an lmdb file hang together. lmdb trusts what it maps: a page of zeros can
 * make it spin for ever or end the process. So the trees are walked once before lmdb opens them:
 * every page that is reached must be of the right kind, hold its nodes within its bounds, and lead
 * to pages that exist; and the trees must hold as many entries as they say.
 */
import { readSync } from 'node:fs';

/** A tree of pages. */
export interface Tree {
  readonly root: bigint;
  readonly entries: bigint;
}

/** What the file's newest header says. */
export interface FileLayout {
  readonly descriptor: number;
  readonly pageSize: number;
  readonly lastPage: number;
  readonly trees: readonly Tree[];
}

/**
 * Bytes at the start of a page: its number, transaction, padding, flags, and two bounds. The bounds
 * and the offsets of nodes are counted from the end of the header.
 */
const PAGE_HEADER = 24;
const NODE_HEADER = 8;
const BRANCH = 1;
const LEAF = 2;
const OVERFLOW = 4;
const KINDS = 15;
const LARGE_VALUE = 1;
const NO_ROOT = 0xffff_ffff_ffff_ffffn;

/** Deeper than any tree that fits a disk: what goes further runs in a circle. */
const MAX_DEPTH = 32;

/** What is wrong with the pages; `undefined` if nothing is. */
export function findDamage(layout: FileLayout): string | undefined {
  try {
    for (const { root, entries } of layout.trees) {
      if (root === NO_ROOT) continue;
      const found = new Walk(layout).count(Number(root), 0);
      if (BigInt(found) !== entries) return `it has ${found} entries of ${entries}`;
    }
    return undefined;
  } catch (error) {
    if (error instanceof Damage) return error.message;
    throw error;
  }
}

class Damage extends Error {}

class Walk {
  readonly #layout: FileLayout;

  constructor(layout: FileLayout) {
    this.#layout = layout;
  }

  /** How many entries hang off a page. */
  count(number: number, depth: number): number {
    if (depth > MAX_DEPTH) throw new Damage('its pages run in a circle');
    const page = this.#read(number);
    const kind = page.readUInt16LE(18) & KINDS;
    const lower = page.readUInt16LE(20);
    const upper = page.readUInt16LE(22);
    const isSound = lower % 2 === 0 && lower <= upper && PAGE_HEADER + upper <= page.length;
    if ((kind !== BRANCH && kind !== LEAF) || !isSound) throw wrong(number);
    let entries = 0;
    for (let at = 0; at < lower; at += 2) {
      const node = PAGE_HEADER + page.readUInt16LE(PAGE_HEADER + at);
      if (node < PAGE_HEADER + upper || node + NODE_HEADER > page.length) throw wrong(number);
      if (kind === BRANCH) entries += this.count(childOf(page, node), depth + 1);
      else entries += this.#checkLeafNode(page, node, number);
    }
    return entries;
  }

  #checkLeafNode(page: Buffer, node: number, number: number): 1 {
    const isLarge = (page.readUInt16LE(node + 4) & LARGE_VALUE) !== 0;
    const size = page.readUInt16LE(node) + page.readUInt16LE(node + 2) * 0x10000;
    const data = node + NODE_HEADER + page.readUInt16LE(node + 6);
    if (data + (isLarge ? 8 : size) > page.length) throw wrong(number);
    if (isLarge) this.#checkLargeValue(Number(page.readBigUInt64LE(data)), size);
    return 1;
  }

  #checkLargeValue(number: number, size: number): void {
    const page = this.#read(number);
    const pages = page.readUInt32LE(20);
    const isWhole = pages * page.length >= PAGE_HEADER + size;
    const isInside = number + pages - 1 <= this.#layout.lastPage;
    if ((page.readUInt16LE(18) & KINDS) !== OVERFLOW || !isWhole || !isInside) throw wrong(number);
  }

  #read(number: number): Buffer {
    const { descriptor, pageSize, lastPage } = this.#layout;
    if (number > lastPage) throw new Damage(`page ${number} is beyond its end`);
    const page = Buffer.alloc(pageSize);
    const length = readSync(descriptor, page, 0, pageSize, number * pageSize);
    if (length < pageSize) throw new Damage(`page ${number} is beyond its end`);
    if (page.readBigUInt64LE(0) !== BigInt(number)) throw wrong(number);
    return page;
  }
}

function childOf(page: Buffer, node: number): number {
  const [low, middle, high] = [0, 2, 4].map((offset) => page.readUInt16LE(node + offset));
  return (low ?? 0) + (middle ?? 0) * 0x1_0000 + (high ?? 0) * 0x1_0000_0000;
}

function wrong(number: number): Damage {
  return new Damage(`page ${number} is not as it should be`);
}
