/**
 * The machine on which a process runs, which may stand still, die, and have its clock set.
 *
 * M1 While it stands still nothing happens on it. What should have happened comes afterwards: timers
 *    late, messages after or before them.
 * M2 The monotonic clock goes on meanwhile, and never jumps; wall time may.
 * M3 Who is dead does nothing any more.
 */
import type { Clock, Timer } from '../../src/ports/clock.js';
import { settle, type World } from './world.js';

const START_MS = Date.UTC(2026, 0, 1);

export class Machine implements Clock {
  readonly name: string;
  readonly #world: World;
  readonly #timers: (() => void)[] = [];
  readonly #messages: (() => void)[] = [];
  readonly #onDeath = new Set<() => void>();
  #standsUntilMs = 0;
  #standing = false;
  #isDead = false;
  #shiftMs = 0;

  constructor(name: string, world: World, shiftMs: number) {
    this.name = name;
    this.#world = world;
    this.#shiftMs = shiftMs;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get standsStill(): boolean {
    return this.#standing;
  }

  /** How far its wall time is from the world's. */
  get shiftMs(): number {
    return this.#shiftMs;
  }

  now(): number {
    return START_MS + this.#world.nowMs + this.#shiftMs;
  }

  monotonic(): number {
    return this.#world.nowMs;
  }

  timer(delayMs: number, fire: () => void): Timer {
    let isOff = false;
    const act = (): void => {
      if (!isOff) fire();
    };
    const planned = this.#world.at(delayMs, () => this.#happen(act, this.#timers));
    return {
      cancel: () => {
        isOff = true;
        planned.cancel();
      },
    };
  }

  /** A message arrives. */
  receive(act: () => void): void {
    this.#happen(act, this.#messages);
  }

  /** Calls back when it dies; the answer forgets about it. */
  onDeath(act: () => void): () => void {
    this.#onDeath.add(act);
    return () => void this.#onDeath.delete(act);
  }

  /** Stands still for a while. */
  standStill(forMs: number): void {
    if (this.#isDead) return;
    this.#standing = true;
    this.#standsUntilMs = Math.max(this.#standsUntilMs, this.#world.nowMs + forMs);
    this.#world.at(this.#standsUntilMs - this.#world.nowMs, () => this.#goOn());
  }

  /** Sets its wall time. */
  jump(byMs: number): void {
    this.#shiftMs += byMs;
  }

  die(): void {
    this.#isDead = true;
    for (const act of this.#onDeath) act();
  }

  #happen(act: () => void, kind: (() => void)[]): void {
    if (this.#isDead) return;
    if (this.#standing) kind.push(act);
    else act();
  }

  async #goOn(): Promise<void> {
    if (this.#isDead || this.#world.nowMs < this.#standsUntilMs) return;
    const late = [this.#timers.splice(0), this.#messages.splice(0)];
    if (this.#world.chance(0.5)) late.reverse();
    this.#standing = false;
    this.#world.note(`${this.name} goes on`);
    for (const act of late.flat()) {
      if (this.#isDead) return;
      act();
      await settle();
    }
  }
}
