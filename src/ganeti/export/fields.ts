/**
 * Reads single fields of an export's sections, by the rules that Ganeti's reader has: `none`, in
 * whatever case, means that there is no value. Errors name section and key.
 */
import { isTrap } from '../wire/json.js';
import { damaged } from './damaged.js';
import type { IniSections } from './ini-syntax.js';

/** The fields of one section. */
export class Fields {
  readonly #section: string;
  readonly #values: ReadonlyMap<string, string>;

  constructor(sections: IniSections, section: string) {
    this.#section = section;
    this.#values = sections.get(section) ?? damaged(`section [${section}] is missing`);
  }

  /** The text, whatever it says; absent if the key is. */
  raw(key: string): string | undefined {
    return this.#values.get(key);
  }

  /** The text; absent if the key is, or says `none`. May be empty. */
  text(key: string): string | undefined {
    const value = this.raw(key);
    return value?.toLowerCase() === 'none' ? undefined : value;
  }

  /** The text; absent if empty, too. */
  filled(key: string): string | undefined {
    const value = this.text(key);
    return value === '' ? undefined : value;
  }

  /** The text, which has to be there. */
  needed(key: string): string {
    return this.filled(key) ?? damaged(`[${this.#section}] ${key} is missing`);
  }

  /** A whole number that is not below 0. */
  count(key: string): number | undefined {
    const value = this.text(key);
    if (value === undefined) return undefined;
    const number = /^\+?\d+$/.test(value) ? Number(value) : Number.NaN;
    return Number.isSafeInteger(number) ? number : this.#wrong(key, 'a whole number is wanted');
  }

  /** One of some words. */
  word<T extends string>(key: string, words: readonly T[]): T | undefined {
    const value = this.filled(key);
    if (value === undefined) return undefined;
    const known = words.find((word) => word === value);
    return known ?? this.#wrong(key, `one of ${words.join(', ')} is wanted`);
  }

  #wrong(key: string, rule: string): never {
    return damaged(`[${this.#section}] ${key}: ${rule}`);
  }
}

/** All values of a section under new names, as they are; empty if there is no such section. */
export function allOf(
  sections: IniSections,
  section: string,
  rename: (key: string) => string | undefined = (key) => key,
): Record<string, string> {
  const entries = [...(sections.get(section) ?? [])].map(([key, value]) => {
    const name = rename(key);
    if (name !== undefined && !isTrap(name)) return [name, value] as const;
    return damaged(`[${section}] ${key}: there is no such key`);
  });
  return Object.fromEntries(entries);
}
