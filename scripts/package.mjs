/**
 * What the scripts know of the package: its root, and its entries as package.json#exports lists
 * them. There is no second list anywhere.
 */
import { spawnSync } from 'node:child_process';
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

/** Runs a program in `cwd` and returns what it printed; throws with all of that if it fails. */
export function run(program, args, cwd = ROOT) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`);
}

/** Packs the built package as it would be published; returns the path of the tarball. */
export function pack(folder) {
  const printed = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]);
  const [packed] = Object.values(JSON.parse(printed));
  return join(folder, packed.filename);
}
