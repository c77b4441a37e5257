/**
 * The main example as a program of its own: its sources are translated here, and use the built
 * package by its name. Needs a build (`npm test` makes one).
 */
import { spawn } from 'node:child_process';
import {
  type FSWatcher,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { scratchDirectory, script } from '../local/process/scratch.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCES = join(ROOT, 'examples', 'start');
/** As deep below the root as where `npm start` has it: it looks for its neighbours from there. */
const PROGRAM = join(ROOT, 'temp', 'end-to-end', 'start');

/** Translates the example. */
export function translateExample(): void {
  mkdirSync(PROGRAM, { recursive: true });
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    verbatimModuleSyntax: true,
    importHelpers: true,
  };
  for (const name of readdirSync(SOURCES)) {
    const text = readFileSync(join(SOURCES, name), 'utf8');
    const { outputText } = ts.transpileModule(text, { fileName: name, compilerOptions });
    const path = join(PROGRAM, name.replace(/\.ts$/, '.js'));
    // Another test may be running it at this moment.
    writeFileSync(`${path}.${process.pid}`, outputText);
    renameSync(`${path}.${process.pid}`, path);
  }
}

/** How a run of the example ended, and what it said. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A signal to be sent when a line is seen, or a file is there; the process alone gets it. */
export interface Shot {
  readonly signal: NodeJS.Signals;
  readonly at: RegExp | { readonly file: string };
}

/** Runs the example to its end. */
export function runExample(args: readonly string[], shot?: Shot): Promise<Ending> {
  const child = spawn(process.execPath, [join(PROGRAM, 'main.js'), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  let isShot = false;
  for (const name of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[name] }).on('line', (line) => {
      said[name] += `${line}\n`;
      if (isShot || !(shot?.at instanceof RegExp) || !shot.at.test(line)) return;
      // Once: whoever is told twice to end does not clean up any more.
      isShot = true;
      child.kill(shot.signal);
    });
  }
  const watcher =
    shot === undefined || shot.at instanceof RegExp
      ? undefined
      : onceThere(shot.at.file, () => child.kill(shot.signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      watcher?.close();
      resolve({ code, signal, ...said });
    });
  });
}

/** Calls back when something of that name gets into its directory. */
function onceThere(path: string, call: () => void): FSWatcher {
  const watcher = watch(dirname(path), (_event, name) => {
    if (name !== basename(path)) return;
    watcher.close();
    call();
  });
  return watcher;
}

/** A directory for a cluster, with an OS of its own and a request for an instance. */
export interface Site {
  readonly dir: string;
  /** Where the create script may write its number to. */
  readonly pid: string;
  readonly args: readonly string[];
  /** Everything of the instance that is there: disks, what runs, marks of scripts. */
  remains(): Promise<readonly string[]>;
}

/** Makes one. `create` is the body of the OS's create script, `size` that of the disk. */
export async function makeSite({ create = 'true', size = '16m' } = {}): Promise<Site> {
  const dir = await scratchDirectory();
  const os = join(dir, 'os', 'own');
  await cp(join(ROOT, 'examples', 'os', 'hello'), os, { recursive: true });
  await script(join(os, 'create'), create);
  const op = JSON.parse(readFileSync(join(ROOT, 'examples/ops/web1.json'), 'utf8')) as object;
  const changes = { disks: [{ size }], osType: 'own', osParams: {} };
  await writeFile(join(dir, 'op.json'), JSON.stringify({ ...op, ...changes }));
  return {
    dir,
    pid: join(dir, 'pid'),
    args: [join(dir, 'op.json'), '--dir', dir, '--hypervisor', 'fake'],
    remains: () => remainsIn(dir),
  };
}

async function remainsIn(dir: string): Promise<readonly string[]> {
  const folders = ['disks', 'shared-disks', 'run/fake', 'run/kvm', 'log/.running'];
  const found = folders.map(async (folder) => {
    await mkdir(join(dir, folder), { recursive: true });
    const names = await readdir(join(dir, folder), { recursive: true });
    return names.map((name) => join(folder, name));
  });
  return (await Promise.all(found)).flat();
}
