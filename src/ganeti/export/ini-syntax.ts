/**
 * The dialect of Ganeti's export files, which is that of Python's `ConfigParser`.
 *
 * I1 Lines end at a line feed. A line whose first visible character is `#` or `;` is a comment;
 *    what follows a value on its line is part of the value.
 * I2 A line that is indented deeper than the key before it continues that key's value; so do empty
 *    lines, but those at a value's end do not count.
 * I3 Keys are lower case whatever the file says; sections are as written.
 * I4 A section or key that comes twice is an error.
 * I5 Keys of the section `DEFAULT`, which alone may come in parts, belong to every section that has
 *    no such key.
 * I6 A percent sign is written twice.
 */
import { isTrap } from '../wire/json.js';
import { damaged } from './damaged.js';

/**
 * Sections with their keys and values, in the file's order.
 * @public
 */
export type IniSections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Holds the keys that all sections share. */
export const DEFAULT_SECTION = 'DEFAULT';

/** A real export with all disks and cards has less than ten thousand characters. */
const MAX_LENGTH = 1024 * 1024;

/** What Python takes for blank; JavaScript's own idea of it differs. */
const BLANK = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Text without blanks at its ends, in time that grows with their number only. */
function strip(text: string): string {
  let start = 0;
  while (start < text.length && BLANK.test(text.charAt(start))) start += 1;
  return stripEnd(text.slice(start));
}

function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && BLANK.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** Where reading has come to. */
interface State {
  readonly sections: Map<string, Map<string, string[]>>;
  section?: Map<string, string[]>;
  /** Lines of the last key's value: further lines may follow. */
  value?: string[] | undefined;
  /** How far the last key or header was indented. */
  indent: number;
}

/**
 * Reads a file of the dialect. Throws `PrereqError` `environment_error` with line and rule for
 * anything else, and for references to other keys (`%(key)s`), which Ganeti never writes.
 * @public
 */
export function parseIni(text: string): IniSections {
  if (text.length > MAX_LENGTH) {
    damaged(`it has ${text.length} characters; at most ${MAX_LENGTH} are read`);
  }
  const state: State = { sections: new Map(), indent: 0 };
  for (const [index, line] of text.split('\n').entries()) readLine(line, index + 1, state);
  return finished(state.sections);
}

function readLine(line: string, number: number, state: State): void {
  const content = strip(line);
  if (/^[#;]/.test(content)) return;
  if (content === '') {
    state.value?.push('');
    return;
  }
  const indent = line.indexOf(content);
  if (state.value !== undefined && indent > state.indent) {
    state.value.push(content);
    return;
  }
  state.indent = indent;
  const header = headerOf(content);
  if (header !== undefined) openSection(header, number, state);
  else openKey(content, number, state);
}

/** The name between the first bracket, which begins the line, and the last one. */
function headerOf(content: string): string | undefined {
  const end = content.lastIndexOf(']');
  return content.startsWith('[') && end > 1 ? content.slice(1, end) : undefined;
}

function openSection(name: string, number: number, state: State): void {
  if (isTrap(name)) broken(number, `a section may not be called '${name}'`);
  const known = state.sections.get(name);
  if (known !== undefined && name !== DEFAULT_SECTION) {
    broken(number, `section [${name}] comes twice`);
  }
  state.section = known ?? new Map<string, string[]>();
  state.value = undefined;
  state.sections.set(name, state.section);
}

function openKey(content: string, number: number, state: State): void {
  if (state.section === undefined) return broken(number, 'a [section] has to come first');
  const at = content.search(/[=:]/);
  const key = strip(content.slice(0, Math.max(at, 0))).toLowerCase();
  if (key === '') return broken(number, 'neither a [section] nor key = value');
  if (isTrap(key)) broken(number, `a key may not be called '${key}'`);
  if (state.section.has(key)) broken(number, `key ${key} comes twice`);
  state.value = [strip(content.slice(at + 1))];
  state.section.set(key, state.value);
}

function broken(number: number, rule: string): never {
  return damaged(`line ${number}: ${rule}`);
}

function finished(sections: State['sections']): IniSections {
  const shared = sections.get(DEFAULT_SECTION) ?? new Map<string, string[]>();
  const result = new Map<string, ReadonlyMap<string, string>>();
  for (const [name, keys] of sections) {
    if (name === DEFAULT_SECTION) continue;
    const all = new Map([...shared, ...keys]);
    const values = [...all].map(([key, lines]) => [key, valueOf(lines, name, key)] as const);
    result.set(name, new Map(values));
  }
  return result;
}

function valueOf(lines: readonly string[], section: string, key: string): string {
  const raw = stripEnd(lines.join('\n'));
  if (!raw.replaceAll('%%', '').includes('%')) return raw.replaceAll('%%', '%');
  return damaged(`[${section}] ${key}: a percent sign has to be written twice`);
}
