/**
 * What this member has said and the store does not have yet, in the order in which it was said.
 */
import type { OwnerId } from '../../ports/lock-manager.js';
import type { OwnerRecord } from './records.js';
import type { Deed, Word } from './words.js';

interface Said {
  readonly word: Word;
  readonly done: () => void;
  readonly settled: Promise<void>;
}

export class Outbox {
  readonly #words = new Map<number, Said>();
  readonly #byOwner = new Map<OwnerId, Word[]>();
  #said = 0;

  get isEmpty(): boolean {
    return this.#words.size === 0;
  }

  /** All words, first to last. */
  get words(): readonly Word[] {
    return [...this.#words.values()].map(({ word }) => word);
  }

  /** An owner's words, first to last. */
  of(owner: OwnerId): readonly Word[] {
    return this.#byOwner.get(owner) ?? [];
  }

  /** The number of the next word, or of a chore. */
  next(): number {
    return ++this.#said;
  }

  /** Says something. The promise resolves when it counts, or never will. */
  say(owner: OwnerId, deed: Deed): { readonly said: number; readonly settled: Promise<void> } {
    const said = this.next();
    const word: Word = { ...deed, owner, said };
    const own = this.#byOwner.get(owner);
    if (own === undefined) this.#byOwner.set(owner, [word]);
    else own.push(word);
    let done = (): void => undefined;
    const settled = new Promise<void>((resolve) => (done = resolve));
    this.#words.set(said, { word, done, settled });
    return { said, settled };
  }

  /** Resolves when all that was said so far counts, or never will. */
  async settled(): Promise<void> {
    await Promise.all([...this.#words.values()].map(({ settled }) => settled));
  }

  /** Strikes off words that count now. */
  strike(words: Iterable<Word>): void {
    for (const { owner, said } of [...words]) {
      this.#words.get(said)?.done();
      this.#words.delete(said);
      const left = this.of(owner).filter((each) => each.said !== said);
      if (left.length === 0) this.#byOwner.delete(owner);
      else this.#byOwner.set(owner, left);
    }
  }

  /** Strikes off those of an owner's words that are part of its record. */
  strikeKnown(owner: OwnerId, record: OwnerRecord): void {
    this.strike(this.of(owner).filter(({ said }) => said <= record.said));
  }
}
