/**
 * Placeholders stand for values that a run makes up. One placeholder is one value everywhere in a
 * vector, and two placeholders are two values: the mapping is one-to-one and grows while a run is
 * compared.
 */
import type { PlaceholderRule } from '../vectors/types.js';

const TOKEN = /<(?:uuid|mac|secret|magic):\d+>|<time>|<serial>/g;

/** The kind of value that a placeholder stands for; those without a kind stand for any number. */
const KIND = /^<(\w+):/;

const FORMS: Readonly<Record<PlaceholderRule['kind'], string>> = {
  uuid: '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  mac: '[0-9a-f]{2}(?::[0-9a-f]{2}){5}',
  secret: '[0-9a-f]+',
  magic: '[0-9a-f]+',
};

/** What stands for any number. */
const ANY_NUMBER = '-?\\d+(?:\\.\\d+)?';

/** The mapping of one run. */
export class Placeholders {
  readonly #rules: Readonly<Record<string, PlaceholderRule>>;
  #values = new Map<string, string>();
  #names = new Map<string, string>();

  constructor(rules: Readonly<Record<string, PlaceholderRule>>) {
    this.#rules = rules;
  }

  /** Whether a recorded text stands for something made up. */
  static in(text: string): boolean {
    TOKEN.lastIndex = 0;
    return TOKEN.test(text);
  }

  /** The value of a placeholder, if it is known yet. */
  valueOf(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** A recorded text with all values that are known put in. */
  fill(text: string): string {
    return text.replaceAll(TOKEN, (name) => this.#values.get(name) ?? name);
  }

  /** Whether a text is what was recorded. What it tells of placeholders is kept if it is. */
  match(recorded: string, text: string): boolean {
    const names = recorded.match(TOKEN) ?? [];
    if (names.length === 0) return recorded === text;
    const found = this.#patternOf(recorded).exec(text);
    if (found === null) return false;
    const before = this.mark();
    const isFitting = names.every((name, at) => this.#bind(name, found[at + 1] ?? ''));
    if (!isFitting) this.reset(before);
    return isFitting;
  }

  /** The mapping as it is now, to come back to. */
  mark(): ReadonlyMap<string, string> {
    return new Map(this.#values);
  }

  /** Forgets what was learnt since. */
  reset(mark: ReadonlyMap<string, string>): void {
    this.#values = new Map(mark);
    this.#names = new Map(Array.from(mark, ([name, value]) => [value, name]));
  }

  #patternOf(recorded: string): RegExp {
    const literals = recorded.split(TOKEN).map((text) => escaped(text));
    const names = recorded.match(TOKEN) ?? [];
    const pattern = literals
      .map((text, at) => (at === 0 ? text : `(${this.#formOf(names[at - 1] ?? '')})${text}`))
      .join('');
    return new RegExp(`^${pattern}$`);
  }

  #formOf(name: string): string {
    const kind = KIND.exec(name)?.[1] as PlaceholderRule['kind'] | undefined;
    if (kind === undefined) return ANY_NUMBER;
    const rule = this.#rules[name] ?? { kind };
    if (rule.hexdigits !== undefined) return `[0-9a-f]{${rule.hexdigits}}`;
    if (rule.prefix !== undefined) return `${escaped(rule.prefix)}(?::[0-9a-f]{2}){3}`;
    return FORMS[rule.kind];
  }

  #bind(name: string, value: string): boolean {
    if (!KIND.test(name)) return true;
    const known = this.#values.get(name);
    if (known !== undefined) return known === value;
    if (this.#names.has(value)) return false;
    this.#values.set(name, value);
    this.#names.set(value, name);
    return true;
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
