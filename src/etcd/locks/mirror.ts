/**
 * What this process knows of the store's lock table: whole states only, one after the other. Fed by
 * one watch and by this process's own transactions, whichever comes first.
 *
 * I1 A transaction compares the version, so nothing lies between the state it was decided on and
 *    the state it leads to. Its effect may be entered as soon as it is known to have been carried
 *    out; the watch's report of it is skipped.
 * I2 The state never goes back: what is older than what is known is skipped.
 */
import type { KvChange, KvEntry, KvOp } from '../../ports/kv-store.js';
import type { OwnerId } from '../../ports/lock-manager.js';
import {
  decodeRecord,
  decodeVersion,
  type OwnerRecord,
  ownerKey,
  parseKey,
  VERSION_KEY,
} from './records.js';

/** A record with the text that stands for it. */
export interface Known {
  readonly text: string;
  readonly record: OwnerRecord;
}

export class Mirror {
  #owners = new Map<OwnerId, Known>();
  #fences = new Map<OwnerId, number>();
  /** Members that ask for their turn, in the order in which they did. */
  #turns = new Map<string, number>();
  #version = 0;
  #versionText: string | undefined;
  #isSettled = true;

  /** The revision of the table's last change; 0 before there was any. */
  get version(): number {
    return this.#version;
  }

  /** Whether nobody is left who could go on; see `TableVersion`. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** All owners. */
  get owners(): ReadonlyMap<OwnerId, Known> {
    return this.#owners;
  }

  /** The revision of an owner's fence: its token. */
  fence(owner: OwnerId): number | undefined {
    return this.#fences.get(owner);
  }

  /** Members that ask for their turn, with the revisions at which they did, first to last. */
  get turns(): ReadonlyMap<string, number> {
    return this.#turns;
  }

  /**
   * Enters what a transaction has changed; answers the owners whose records it may have changed, or
   * `undefined` if it is known already. Throws `ConfigError` `corrupt` for a damaged record.
   */
  apply({ revision, ops }: KvChange): ReadonlySet<OwnerId> | undefined {
    // Turns are asked for outside the table's transactions, so I1 says nothing about them.
    const isTurn = ops.filter((op) => this.#enterTurn(op, revision)).length === ops.length;
    if (revision <= this.#version || (isTurn && ops.length > 0)) return undefined;
    const changed = new Set<OwnerId>();
    for (const op of ops) this.#enter(op, revision, changed);
    return changed;
  }

  /**
   * Replaces everything by what was read; answers the owners that may differ, or `undefined` if it
   * is older than what is known.
   */
  load(entries: readonly KvEntry[]): ReadonlySet<OwnerId> | undefined {
    const version = entries.find(({ key }) => key === VERSION_KEY)?.revision ?? 0;
    if (version < this.#version) return undefined;
    const changed = new Set(this.#owners.keys());
    this.#owners = new Map();
    this.#fences = new Map();
    this.#turns = new Map();
    for (const { key, value, revision } of entries) {
      this.#enter({ op: 'put', key, value }, revision, changed);
      this.#enterTurn({ op: 'put', key, value }, revision);
    }
    return changed;
  }

  #enter(op: KvOp, revision: number, changed: Set<OwnerId>): void {
    const about = parseKey(op.key);
    if (about?.kind === 'version') this.#enterVersion(op, revision);
    if (about?.kind === 'fence') {
      if (op.op === 'put') this.#fences.set(about.owner, revision);
      else this.#fences.delete(about.owner);
    }
    if (about?.kind === 'owner') {
      changed.add(about.owner);
      this.#enterOwner(about.owner, op);
    }
  }

  #enterTurn(op: KvOp, revision: number): boolean {
    const about = parseKey(op.key);
    if (about?.kind !== 'turn') return false;
    this.#turns.delete(about.member);
    if (op.op === 'put') this.#turns.set(about.member, revision);
    return true;
  }

  #enterVersion(op: KvOp, revision: number): void {
    this.#version = revision;
    const text = op.op === 'put' ? op.value : undefined;
    // A member that writes many times in a row writes the same each time.
    if (text === this.#versionText) return;
    this.#isSettled = text === undefined || decodeVersion(op.key, text).isSettled;
    this.#versionText = text;
  }

  #enterOwner(owner: OwnerId, op: KvOp): void {
    if (op.op === 'delete') {
      this.#owners.delete(owner);
      return;
    }
    const { value: text } = op;
    if (this.#owners.get(owner)?.text === text) return;
    this.#owners.set(owner, { text, record: decodeRecord(ownerKey(owner), text) });
  }
}
