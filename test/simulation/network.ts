/**
 * The network between processes, nodes and the store: messages take their time, and in bad weather
 * they are lost, late, or arrive twice.
 *
 * N1 On one channel messages arrive in the order in which they were sent: what is late holds up
 *    what is behind it, as on one connection. Different channels know nothing of each other.
 * N2 A message that was sent before a connection was cut may still arrive after it.
 */
import type { World } from './world.js';

/** How bad the weather is. */
export interface Weather {
  /** How likely a message is lost. */
  readonly loss: number;
  /** How likely one arrives twice. */
  readonly doubling: number;
  /** How likely one is late … */
  readonly lateness: number;
  /** … and how late at most, milliseconds. */
  readonly lateMs: number;
}

export const FAIR: Weather = { loss: 0, doubling: 0, lateness: 0, lateMs: 0 };

/** From where to where. */
export interface Way {
  readonly from: string;
  readonly to: string;
  /** The connection; a message without one is alone. */
  readonly channel?: string;
  /** How long it takes there until something is done, milliseconds; 0 if not given. */
  readonly workMs?: number;
}

/** What became of a message. */
export type Fate = 'sent' | 'lost';

/** How many messages met with something. */
export interface Mishaps {
  lost: number;
  late: number;
  doubled: number;
  cut: number;
}

export class Network {
  readonly mishaps: Mishaps = { lost: 0, late: 0, doubled: 0, cut: 0 };
  weather: Weather = FAIR;
  readonly #world: World;
  readonly #cuts = new Map<string, number>();
  readonly #busyUntilMs = new Map<string, number>();
  readonly #mires = new Map<string, { readonly untilMs: number; readonly lateMs: number }>();
  #drawn = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** A name for a connection. */
  newChannel(): string {
    return `channel ${++this.#drawn}`;
  }

  /** Cuts the way between two for a while, in both directions. */
  cut(one: string, other: string, forMs: number): void {
    this.#cuts.set(wayOf(one, other), this.#world.nowMs + forMs);
  }

  /** What one sends becomes late for a while. */
  mire(one: string, forMs: number, lateMs: number): void {
    this.#mires.set(one, { untilMs: this.#world.nowMs + forMs, lateMs });
  }

  /** Ends all bad weather and all cuts. */
  clear(): void {
    this.#mires.clear();
    this.weather = FAIR;
    this.#cuts.clear();
  }

  /**
   * Sends a message. `again` is what happens if it arrives twice; nothing if not given.
   */
  send(way: Way, arrive: () => void, again?: () => void): Fate {
    const { loss, doubling } = this.weather;
    if (this.#isCut(way)) {
      this.mishaps.cut++;
      return 'lost';
    }
    if (this.#world.chance(loss)) {
      this.mishaps.lost++;
      return 'lost';
    }
    this.#world.at(this.#travelMs(way), arrive);
    if (again !== undefined && this.#world.chance(doubling)) {
      this.mishaps.doubled++;
      this.#world.at(this.#travelMs(way), again);
    }
    return 'sent';
  }

  #isCut({ from, to }: Way): boolean {
    return (this.#cuts.get(wayOf(from, to)) ?? 0) > this.#world.nowMs;
  }

  #travelMs({ channel, from, workMs = 0 }: Way): number {
    const mire = this.#mires.get(from);
    const isMired = mire !== undefined && mire.untilMs > this.#world.nowMs;
    const { lateness, lateMs } = isMired ? { lateness: 0.5, lateMs: mire.lateMs } : this.weather;
    let ms = this.#world.between(1, 5) + workMs;
    if (this.#world.chance(lateness)) {
      this.mishaps.late++;
      ms += this.#world.between(1, lateMs);
    }
    if (channel === undefined) return ms;
    const { nowMs } = this.#world;
    const atMs = Math.max(nowMs + ms, this.#busyUntilMs.get(channel) ?? 0);
    this.#busyUntilMs.set(channel, atMs);
    return atMs - nowMs;
  }
}

function wayOf(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}
