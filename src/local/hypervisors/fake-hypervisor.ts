/**
 * A hypervisor that runs nothing: an instance "runs" while a small file with its memory and
 * processors lies in a directory, as with Ganeti's fake hypervisor. The files outlive this process,
 * as guests would.
 *
 * A file appears whole or not at all, so that a process killed in the middle leaves no half of one;
 * what it may leave (`.NAME.new`) is overwritten by the next start and removed by the next stop.
 */
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceStatus } from '../../ports/node-facts.js';
import { answered, failed, type Reply } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import { makePrivateDirectory } from '../private-directory.js';
import { codeOf } from '../paths/errno.js';
import { machineMemory } from '../node-facts/memory.js';
import { badInstanceName, isInstanceName } from './instance-name.js';
import type { LocalCall, LocalHypervisor, LocalStop } from './local-hypervisor.js';
import { type MemorySource, startupMemory } from './startup-memory.js';

/**
 * What a {@link FakeHypervisor} needs.
 * @public
 */
export interface FakeHypervisorOptions {
  /** Directory of its own for the files; made if it is not there. */
  readonly runDir: string;
  /** The machine's memory; default: this machine's. */
  readonly memory?: MemorySource;
}

/**
 * Instances that only seem to run. Their memory counts as used.
 * @public
 */
export class FakeHypervisor implements LocalHypervisor {
  readonly name = 'fake';
  readonly #runDir: string;
  readonly #memory: MemorySource;

  constructor(options: FakeHypervisorOptions) {
    this.#runDir = options.runDir;
    this.#memory = options.memory ?? machineMemory;
  }

  /** Makes the directory for the files. */
  prepare(): Promise<void> {
    return makePrivateDirectory(this.#runDir);
  }

  /** Writes the instance's file, unless it is there. */
  async start(
    { runtime }: { readonly runtime: RuntimeInstance; readonly paused: boolean },
    { signal }: LocalCall,
  ): Promise<Reply<void>> {
    const { name } = runtime.instance;
    if (!isInstanceName(name)) return failed(badInstanceName(name));
    if ((await this.#read(name)) !== undefined) return answered(undefined);
    const { availableMib } = await this.#memory();
    const free = availableMib - (await this.unseenMemoryMib());
    const memory = startupMemory(name, runtime.beParams, free);
    if (!memory.ok) return memory;
    if (signal.aborted) return failed(`start of '${name}' was called off`, 'aborted');
    await this.#write(name, { memoryMib: memory.payload, vcpus: runtime.beParams.vcpus });
    return answered(undefined);
  }

  /** Removes the instance's file. A guest that does not exist needs no grace. */
  async stop({ name }: LocalStop): Promise<Reply<void>> {
    if (!isInstanceName(name)) return failed(badInstanceName(name));
    await rm(this.#path(name), { force: true });
    await rm(this.#draft(name), { force: true });
    return answered(undefined);
  }

  /** What the instance's file says. */
  async status(name: string): Promise<Reply<InstanceStatus | undefined>> {
    if (!isInstanceName(name)) return answered(undefined);
    const record = await this.#read(name);
    return answered(record && { running: true, ...record });
  }

  /** The files' names. */
  async list(): Promise<Reply<readonly string[]>> {
    return answered(await this.#names());
  }

  /** There is nothing that could be missing. */
  validate(): Promise<Reply<void>> {
    return Promise.resolve(answered(undefined));
  }

  /** The memory of all instances: none of it is really used. */
  async unseenMemoryMib(): Promise<number> {
    const names = await this.#names();
    const records = await Promise.all(names.map((name) => this.#read(name)));
    return records.reduce((sum, record) => sum + (record?.memoryMib ?? 0), 0);
  }

  async #names(): Promise<readonly string[]> {
    const names = await readdir(this.#runDir).catch(absentAs([] as string[]));
    return names.filter(isInstanceName).sort();
  }

  async #read(name: string): Promise<GuestRecord | undefined> {
    const text = await readFile(this.#path(name), 'utf8').catch(absentAs(undefined));
    return text === undefined ? undefined : parseRecord(text);
  }

  async #write(name: string, record: GuestRecord): Promise<void> {
    await this.prepare();
    await writeFile(this.#draft(name), `${JSON.stringify(record)}\n`, { mode: 0o600 });
    await rename(this.#draft(name), this.#path(name));
  }

  #path(name: string): string {
    return join(this.#runDir, name);
  }

  #draft(name: string): string {
    return join(this.#runDir, `.${name}.new`);
  }
}

/** What is remembered of a guest. */
interface GuestRecord {
  readonly memoryMib: number;
  readonly vcpus: number;
}

/** Somebody else's file counts as a guest of no size: it is there, and stop removes it. */
function parseRecord(text: string): GuestRecord {
  try {
    const { memoryMib, vcpus } = JSON.parse(text) as Partial<GuestRecord>;
    return { memoryMib: Number(memoryMib ?? 0), vcpus: Number(vcpus ?? 0) };
  } catch {
    return { memoryMib: 0, vcpus: 0 };
  }
}

function absentAs<T>(value: T): (error: Error) => T {
  return (error) => {
    if (codeOf(error) === 'ENOENT') return value;
    throw error;
  };
}
