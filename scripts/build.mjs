/**
 * Compiles src/ to dist/ with plain tsc, and removes what an earlier build left there for a source
 * file that is no more: such a file would be packed and published.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT, run } from './package.mjs';

const DIST = join(ROOT, 'dist');

process.stdout.write(run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json']));
for (const entry of readdirSync(DIST, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && !existsSync(sourceOf(path))) rmSync(path);
}

function sourceOf(path) {
  return join(ROOT, 'src', relative(DIST, path).replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts'));
}
