/**
 * Writes the dialect of `ini-syntax.ts`. What is written is read back before it is given out: a
 * value that the dialect cannot hold must not become another value in somebody's backup.
 */
import { refuse } from '../../errors.js';
import { DEFAULT_SECTION, type IniSections, parseIni } from './ini-syntax.js';

/**
 * The text of a file, laid out as Ganeti's own. Throws `PrereqError` `wrong_input` that names the
 * first section or key which could not be read back as it is: blanks at a value's ends, keys with
 * capitals or `=`, values in which a line begins with `#`.
 * @public
 */
export function formatIni(sections: IniSections): string {
  for (const [name, keys] of sections) refuseUnwritable(name, keys);
  return [...sections].map(([name, keys]) => formatSection(name, keys)).join('');
}

function formatSection(name: string, keys: ReadonlyMap<string, string>): string {
  const lines = [...keys].map(([key, value]) => formatKey(key, value));
  return `[${name}]\n${lines.join('')}\n`;
}

function formatKey(key: string, value: string): string {
  return `${key} = ${value.replaceAll('%', '%%').replaceAll('\n', '\n\t')}\n`;
}

function refuseUnwritable(name: string, keys: ReadonlyMap<string, string>): void {
  if (name === DEFAULT_SECTION || !isReadBack(name, new Map())) {
    refuse.input(`An export cannot hold a section called ${JSON.stringify(name)}`);
  }
  if (isReadBack(name, keys)) return;
  for (const [key, value] of keys) {
    if (isReadBack(name, new Map([[key, value]]))) continue;
    // The value may be secret: it is not quoted.
    refuse.input(
      `An export cannot hold [${name}] ${JSON.stringify(key)} with its value; keys have no ` +
        'capitals, blanks at their ends, = or :, and values no blanks at the ends of lines',
    );
  }
}

function isReadBack(name: string, keys: ReadonlyMap<string, string>): boolean {
  const read = attempt(() => parseIni(formatSection(name, keys)));
  const found = read?.get(name);
  if (read?.size !== 1 || found?.size !== keys.size) return false;
  return [...keys].every(([key, value]) => found.get(key) === value);
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
