/**
 * That a transfer has failed because its other side has: what is said then is no reason, and the
 * other side's words are to be preferred.
 */
import { Refusal } from '../storage/attempt.js';

/** The other side has failed, or is gone. */
export class BrokenOff extends Refusal {
  constructor(how: string, options?: ErrorOptions) {
    super(`the other side has broken off${how}`, options);
  }
}
