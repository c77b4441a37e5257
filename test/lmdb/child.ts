/**
 * Processes that open a store and may be killed. They run the sources as they are, stripped of their
 * types into a folder of their own, since starting a compiler in every child would take longer than
 * all they do.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll } from 'vitest';

const project = fileURLToPath(new URL('../..', import.meta.url));
let scripts = '';

/** Makes the scripts before the tests of the file that calls it, and removes them afterwards. */
export function useChildren(): void {
  beforeAll(() => {
    // Below the project, so that the scripts find its packages.
    mkdirSync(join(project, 'build'), { recursive: true });
    scripts = mkdtempSync(join(project, 'build', 'lmdb-test-'));
    strip(join(project, 'src/lmdb/open-lmdb.ts'), new Set());
    writeFileSync(join(scripts, 'package.json'), '{"type":"module"}');
  });
  afterAll(() => rmSync(scripts, { recursive: true, force: true }));
}

/** A running child and what it has said. */
export class Child {
  readonly lines: string[] = [];
  readonly process: ChildProcess;
  /** Resolves when the child is gone and all it has said is here. */
  readonly ended: Promise<void>;
  #partial = '';
  #errors = '';
  readonly #waiting = new Set<() => void>();

  /** Runs `role` of `test/lmdb/child-main.mjs`; `limit`: most kilobytes of a file it may write. */
  constructor(role: string, path: string, limit?: number) {
    const main = fileURLToPath(new URL('child-main.mjs', import.meta.url));
    const args = [main, join(scripts, 'src/lmdb/open-lmdb.js'), role, path];
    const shell = `ulimit -f ${(limit ?? 0) * 2}; exec "$0" "$@"`;
    this.process =
      limit === undefined
        ? spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
        : spawn('sh', ['-c', shell, process.execPath, ...args], {
            stdio: ['ignore', 'pipe', 'pipe'],
          });
    this.process.stdout?.on('data', (data: Buffer) => this.#heard(data.toString()));
    this.process.stderr?.on('data', (data: Buffer) => void (this.#errors += data.toString()));
    this.ended = new Promise((resolve) => this.process.once('close', () => resolve()));
    void this.ended.then(() => this.#wake());
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** Waits until the child has said so many lines; fails if it ends before. */
  async said(count: number): Promise<readonly string[]> {
    while (this.lines.length < count) {
      const { exitCode, signalCode } = this.process;
      if (exitCode !== null || signalCode !== null) {
        await this.ended;
        if (this.lines.length >= count) break;
        throw new Error(`The child ended (${exitCode ?? signalCode}): ${this.#errors}`);
      }
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    return this.lines;
  }

  /** Kills it, as a crash would. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
  }

  #heard(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    this.lines.push(...lines);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** Writes a source file and all that it imports, without types. */
function strip(file: string, done: Set<string>): void {
  if (done.has(file)) return;
  done.add(file);
  const source = readFileSync(file, 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const target = join(scripts, relative(project, file)).replace(/\.ts$/, '.js');
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, outputText);
  for (const { fileName } of ts.preProcessFile(outputText).importedFiles) {
    if (fileName.startsWith('.'))
      strip(join(dirname(file), fileName.replace(/\.js$/, '.ts')), done);
  }
}
