/**
 * From the messages of a watch to changes, one per transaction. Pure.
 *
 * G1 All of a revision's changes are one item, whether they came in one message or in parts.
 * G2 `seen` is a revision up to which every change has been given out; watching on after it leaves
 *    no gap and repeats nothing.
 */
import type { KvChange, KvOp } from '../ports/kv-store.js';
import type { WatchAnswer, WireEvent } from './client/messages.js';
import { entryOf } from './client/text.js';

/** Puts the messages of one connection together. */
export class ChangeGroups {
  readonly #prefix: string;
  #open: { readonly revision: number; readonly ops: KvOp[] } | undefined;
  #seen: number;

  /** `prefix`: what the keys lose; `seen`: the revision after which the watch begins. */
  constructor(prefix: string, seen: number) {
    this.#prefix = prefix;
    this.#seen = seen;
  }

  /** See G2; counts what `take` has returned as given out. */
  get seen(): number {
    return this.#seen;
  }

  /** The changes that a message completes. */
  take(answer: WatchAnswer): readonly KvChange[] {
    const complete: KvChange[] = [];
    for (const event of answer.events) {
      const revision = Number(event.kv.modRevision);
      if (this.#open !== undefined && this.#open.revision !== revision) {
        complete.push(this.#open);
        this.#open = undefined;
      }
      this.#open ??= { revision, ops: [] };
      this.#open.ops.push(this.#opOf(event));
    }
    if (!answer.fragment && this.#open !== undefined) {
      complete.push(this.#open);
      this.#open = undefined;
    }
    this.#advance(answer, complete);
    return complete;
  }

  /**
   * The header's revision counts only in a message that is there to say it: in others the server
   * may be ahead of what it has sent.
   */
  #advance(answer: WatchAnswer, complete: readonly KvChange[]): void {
    this.#seen = complete.at(-1)?.revision ?? this.#seen;
    const isProgress = answer.events.length === 0 && !answer.created && !answer.canceled;
    if (!isProgress || answer.fragment || this.#open !== undefined) return;
    this.#seen = Math.max(this.#seen, Number(answer.header.revision));
  }

  #opOf({ type, kv }: WireEvent): KvOp {
    const { key, value } = entryOf(kv);
    const name = key.slice(this.#prefix.length);
    return type === 'PUT' ? { op: 'put', key: name, value } : { op: 'delete', key: name };
  }
}
