/**
 * What the scripts know of the package: its root, and its entries as package.json#exports lists
 * them. There is no second list anywhere.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../', import.meta.url));

export const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** The entries that hold code, the main one first, as `{ subpath, name, types, module }`. */
export function entriesOf() {
  return Object.entries(manifest.exports)
    .filter(([, target]) => typeof target !== 'string')
    .map(([subpath, target]) => ({
      subpath,
      name: manifest.name + subpath.slice(1),
      types: target.types,
      module: target.default,
    }));
}
