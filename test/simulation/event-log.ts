/**
 * What has happened, in order: the last lines as text, all of them as one number. Two runs that
 * give the same number are the same run.
 */

/** How many lines are kept when nobody asked for all of them. */
const KEPT = 40;

export class EventLog {
  readonly #print: ((line: string) => void) | undefined;
  readonly #last: string[] = [];
  #high = 0x811c9dc5;
  #low = 0x01000193;
  #count = 0;

  /** `print` gets every line. */
  constructor(print?: (line: string) => void) {
    this.#print = print;
  }

  add(line: string): void {
    this.#count++;
    for (let at = 0; at < line.length; at++) {
      const code = line.charCodeAt(at);
      this.#high = Math.imul(this.#high ^ code, 0x01000193);
      this.#low = Math.imul(this.#low + code, 0x85ebca6b) ^ (this.#low >>> 13);
    }
    this.#last.push(line);
    if (this.#last.length > KEPT) this.#last.shift();
    this.#print?.(line);
  }

  /** How many lines there are. */
  get count(): number {
    return this.#count;
  }

  /** The last lines. */
  get last(): readonly string[] {
    return this.#last;
  }

  /** All lines as one number. */
  get hash(): string {
    return [this.#high, this.#low]
      .map((half) => (half >>> 0).toString(16).padStart(8, '0'))
      .join('');
  }
}
