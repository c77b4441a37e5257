/**
 * The shape of the package as npm would publish it: publint and arethetypeswrong look at the packed
 * tarball, not at the working tree. Needs a build (`npm run shape`).
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack, ROOT, run } from './package.mjs';

const folder = mkdtempSync(join(tmpdir(), 'logical-units-shape-'));
try {
  const tarball = pack(folder);
  const bin = (name) => join(ROOT, 'node_modules', '.bin', name);
  process.stdout.write(run(bin('publint'), ['run', tarball, '--strict']));
  process.stdout.write(run(bin('attw'), [tarball, '--profile', 'esm-only', '--no-emoji']));
  checkContents(tarball);
} finally {
  rmSync(folder, { recursive: true });
}

/** Nothing is shipped but the build and the papers. */
function checkContents(tarball) {
  run('tar', ['-xzf', tarball], folder);
  const known = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json', 'src'];
  const found = readdirSync(join(folder, 'package')).sort();
  if (found.join() === known.join()) return;
  throw new Error(`the tarball holds ${found.join(', ')}; expected ${known.join(', ')}`);
}
