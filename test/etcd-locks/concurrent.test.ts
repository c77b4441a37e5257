/**
 * Three processes at the same time, on a network that delays, loses and repeats what it likes,
 * while members die, with and without noticing it. Every transaction is judged where it arrives;
 * when the faults have stopped, all that was asked for ends and nothing is left behind.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { enterImage, imageOf } from '../../src/locks/image.js';
import { LockQueue } from '../../src/locks/queue.js';
import { LockBook } from '../../src/etcd/locks/book.js';
import { ownerId } from '../../src/ports/lock-manager.js';
import { AGING_MS, history, OWNERS, type Step } from '../locks/random-world.js';
import { Observer } from './observer.js';
import { choices, type Choices, heldBy, type Process, SharedWorld } from './shared-world.js';
import { turns } from './wire.js';

const RUNS = 100;

/** How many things happen on the wire between two steps, at most. */
const LETS = 12;

class Trial {
  readonly world: SharedWorld;
  readonly observer: Observer;
  readonly finished: string[] = [];
  readonly #choices: Choices;
  /** Owners with a write under way: they give nothing back meanwhile. */
  readonly #busy = new Set<string>();
  /** Owners that do not know what came of a write: they can only give everything back. */
  readonly #unsure = new Set<string>();
  readonly #dead = new Set<Process>();

  constructor(world: SharedWorld, choice: Choices) {
    this.world = world;
    this.observer = new Observer(world.store);
    this.#choices = choice;
    for (const { manager } of world.processes) {
      manager.takeOver(async (owner) => {
        await world.wire.pass();
        if (this.#choices.next(3) === 0 && world.wire.isFaulty) throw new Error('not yet');
        this.finished.push(owner);
      });
    }
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.#happen(step);
      for (let lets = this.#choices.next(LETS); lets > 0; lets--) {
        await this.world.wire.let(this.#choices.next(0x7fff_ffff));
        await this.#judgeViews();
      }
    }
    await this.#end();
  }

  async #happen(step: Step): Promise<void> {
    const { world } = this;
    const { owner, action } = step;
    if (this.#choices.next(8) === 0) this.#write(owner);
    if (this.#choices.next(40) === 0) await this.#die(world.of(owner));
    if (action.do === 'pass') await world.clock.advance(action.ms);
    const asks = action.do === 'acquire' || action.do === 'available';
    if (this.#busy.has(owner) && !asks) return;
    if (this.#unsure.has(owner) && !(action.do === 'release' && action.locks === 'all')) return;
    if (action.do === 'release' && action.locks === 'all') this.#unsure.delete(owner);
    world.say(step);
    await turns();
  }

  /** Changes something under a lock that the owner holds, if it holds any. */
  #write(owner: string): void {
    const { manager, kv, name } = this.world.of(owner);
    const fence = manager.fence(ownerId(owner));
    const lock = fence && [...fence.locks.keys()][0];
    if (fence === undefined || lock === undefined || this.#busy.has(owner)) return;
    this.#busy.add(owner);
    const value = `${owner} ${name}`;
    kv.txn([fence.compare], [{ op: 'put', key: `work/${lock}`, value }]).then(
      () => this.#busy.delete(owner),
      () => this.#busy.delete(owner) && this.#unsure.add(owner),
    );
  }

  /** All but one die at most. */
  async #die(process: Process): Promise<void> {
    if (this.#dead.size === this.world.processes.length - 1 || this.#dead.has(process)) return;
    this.#dead.add(process);
    const { membership } = process;
    if (this.#choices.next(2) === 0) membership.stop();
    await membership.expire();
  }

  /** P4: what a living process says that an owner holds, it holds. */
  async #judgeViews(): Promise<void> {
    const now = heldBy((await this.#book()).report(0));
    for (const owner of OWNERS) {
      const process = this.world.of(owner);
      if (this.#dead.has(process)) continue;
      for (const [lock, mode] of process.manager.held(ownerId(owner))) {
        const isHeld = now.includes(`${owner} ${mode} ${lock}`);
        expect(
          isHeld || now.includes(`${owner} exclusive ${lock}`) || this.#covers(now, owner, lock),
        ).toBe(true);
      }
    }
  }

  /** A whole set that is being narrowed covers its members until that is written. */
  #covers(now: readonly string[], owner: string, lock: string): boolean {
    const set = `${lock.split('/')[0]}/[lockset]`;
    return now.includes(`${owner} exclusive ${set}`) || now.includes(`${owner} shared ${set}`);
  }

  async #book(): Promise<LockBook> {
    const book = new LockBook(AGING_MS, Number.POSITIVE_INFINITY);
    book.load((await this.world.store.range('locks/')).entries);
    return book;
  }

  /** The faults stop: whoever works comes to an end, again and again, until nobody is left. */
  async #end(): Promise<void> {
    const { world } = this;
    world.wire.isFaulty = false;
    await world.settle();
    await this.#judgeSettled();
    const living = OWNERS.filter((owner) => !this.#dead.has(world.of(owner)));
    for (let rounds = 0; rounds <= OWNERS.length; rounds++) {
      for (const owner of living) {
        if (world.attempts.get(owner)?.state === 'waits') continue;
        void world.of(owner).manager.release(ownerId(owner), 'all');
      }
      await world.settle();
    }
    const states = [...world.attempts].map(([owner, { state }]) => `${owner} ${state}`);
    expect(states.filter((state) => state.endsWith('waits'))).toEqual([]);
    const left = (await world.store.range('locks/')).entries.map(({ key }) => key);
    expect(left.filter((key) => key !== 'locks/version')).toEqual([]);
    await this.observer.close();
    await world.close();
  }

  /** L8, L11: nobody waits who could go on. */
  async #judgeSettled(): Promise<void> {
    const { mirror } = await this.#book();
    expect(mirror.isSettled).toBe(true);
    const queue = new LockQueue(AGING_MS);
    for (const [owner, { record }] of mirror.owners) enterImage(queue, owner, record);
    const before = [...mirror.owners.keys()].map((owner) => imageOf(queue, owner));
    expect(queue.settle(0)).toEqual([]);
    expect([...mirror.owners.keys()].map((owner) => imageOf(queue, owner))).toEqual(before);
  }
}

test('given any interleaving, faults and deaths, then nothing goes wrong and all ends', async () => {
  let [transactions, writes, finished] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(history, choices, async (steps, choice) => {
      const trial = new Trial(await SharedWorld.open(choice, 3, 8), choice);
      await trial.run(steps);
      transactions += trial.observer.transactions;
      writes += trial.observer.writes;
      finished += trial.finished.length;
    }),
    { numRuns: RUNS },
  );
  // What never happened was not tried.
  expect(transactions).toBeGreaterThan(5 * RUNS);
  expect(writes).toBeGreaterThan(RUNS / 10);
  expect(finished).toBeGreaterThan(RUNS / 10);
});
