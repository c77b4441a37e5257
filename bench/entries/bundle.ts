/**
 * The entries of the package, and what a bundler makes of their own code.
 */
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** An entry of package.json#exports. */
export interface Entry {
  readonly subpath: string;
  readonly file: string;
  readonly url: string;
}

/** An entry as one minified file, without the packages that it imports. */
export interface Bundle {
  /** Size, gzipped. */
  readonly bytes: number;
  /** Packages of others that it imports; helpers of the compiler are not counted. */
  readonly packages: readonly string[];
}

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}

/** All entries that hold code. */
export function entries(): Entry[] {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  return Object.entries(manifest.exports).flatMap(([subpath, target]) => {
    if (typeof target === 'string') return [];
    return [{ subpath, file: target.default, url: pathToFileURL(target.default).href }];
  });
}

/** Bundles an entry. */
export async function bundle({ file }: Entry): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [file],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    packages: 'external',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const outputs = Object.values(metafile.outputs).flatMap((output) => output.imports);
  const packages = new Set(outputs.filter((one) => one.external).map((one) => one.path));
  return {
    bytes: outputFiles.reduce(
      (sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length,
      0,
    ),
    packages: [...packages].filter((name) => !isBuiltin(name) && name !== 'tslib').sort(),
  };
}
