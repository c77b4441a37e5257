/**
 * Identifiers and randomness that repeat: the same seed gives the same sequence.
 */
import type { Ids } from '../ports/clock.js';

/**
 * A reproducible source of ids. Not for secrets.
 * @public
 */
export class SeededIds implements Ids {
  #state: number;

  /** `seed`: any 32-bit number. */
  constructor(seed: number = 1) {
    this.#state = seed >>> 0;
  }

  /** A well-formed UUID, version 4. */
  uuid(): string {
    const hex = this.hex(16);
    const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      `${variant}${hex.slice(17, 20)}`,
      hex.slice(20, 32),
    ].join('-');
  }

  /** `count` bytes as hexadecimal digits. */
  hex(count: number): string {
    let text = '';
    for (let byte = 0; byte < count; byte++)
      text += this.integer(256).toString(16).padStart(2, '0');
    return text;
  }

  /** A number, 0 ≤ n \< `limit`. */
  integer(limit: number): number {
    return Math.floor((this.#next() / 0x1_0000_0000) * limit);
  }

  // mulberry32: 32 bits of state are plenty for tests, and the sequence never depends on the host.
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }
}
