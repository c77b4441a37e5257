/**
 * Compiles src/ to dist/ with plain tsc, and removes what an earlier build left there for a source
 * file that is no more: such a file would be packed and published.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from './package.mjs';

const DIST = join(ROOT, 'dist');

const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
const options = { cwd: ROOT, stdio: 'inherit' };
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], options);
if (status !== 0) process.exit(1);
for (const entry of readdirSync(DIST, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && !existsSync(sourceOf(path))) rmSync(path);
}

function sourceOf(path) {
  return join(ROOT, 'src', relative(DIST, path).replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts'));
}
