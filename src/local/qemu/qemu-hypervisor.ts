/**
 * Guests in QEMU, driven over its machine protocol: hypervisor `kvm` on this machine. Owns a run
 * directory with one directory per guest; everything known of a guest is read from there and from
 * the system's process table, so that a new process takes over where an old one was killed.
 *
 * What the guest writes to its serial port goes to a file that exists from the start to the next
 * stop; it is not limited in size, so a guest that is not trusted should get no serial console.
 */
import { readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { refuse } from '../../errors.js';
import type { Params } from '../../model/params.js';
import type { Clock } from '../../ports/clock.js';
import type { InstanceStatus } from '../../ports/node-facts.js';
import { answered, failed, type Reply } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import { badInstanceName, isInstanceName } from '../hypervisors/instance-name.js';
import type { LocalCall, LocalHypervisor, LocalStop } from '../hypervisors/local-hypervisor.js';
import { type MemorySource, startupMemory } from '../hypervisors/startup-memory.js';
import { machineMemory } from '../node-facts/memory.js';
import { makePrivateDirectory } from '../private-directory.js';
import { type QemuNetwork, tapsOf } from './cards.js';
import { acceleratorsFor, type QemuAccelerator, qemuArguments } from './command-line.js';
import { guestFiles, removeGuestFiles, runDirFlaw } from './guest-files.js';
import { argumentOf, findGuest, type GuestProcess, residentMib } from './guest-process.js';
import { guestStatus } from './guest-status.js';
import { haltGuest } from './halt.js';
import { launchGuest, resumeGuest } from './launch.js';
import { findQemu } from './program.js';
import { Turns } from './turns.js';
import { unsupportedParam } from './unsupported.js';

const STATUS_MS = 5_000;
const START_MS = 60_000;
const NOT_INSTALLED = 'qemu-system-x86_64 was not found; install the package qemu-system-x86';

/**
 * What a {@link QemuHypervisor} needs.
 * @public
 */
export interface QemuOptions {
  /** Directory of its own, at most 85 bytes long; made if it is not there. */
  readonly runDir: string;
  /** For time limits. */
  readonly clock: Clock;
  /** Path of QEMU; default: `qemu-system-x86_64` where systems usually keep it. */
  readonly program?: string;
  /**
   * What may execute guests; the first that works does. Default: `kvm`, then `tcg`. Where the
   * device of kvm can be opened but guests hang (some nested machines), give `['tcg']`.
   */
  readonly accelerators?: readonly QemuAccelerator[];
  /** What network cards are connected to. Default `tap`, which needs root and bridges. */
  readonly network?: QemuNetwork;
  /** The machine's memory; default: this machine's. */
  readonly memory?: MemorySource;
  /** Most time until a guest runs, milliseconds. Default 60,000. */
  readonly startTimeoutMs?: number;
}

/**
 * Runs instances of hypervisor `kvm` in QEMU.
 * @public
 */
export class QemuHypervisor implements LocalHypervisor {
  readonly name = 'kvm';
  readonly #options: QemuOptions;
  readonly #turns = new Turns();

  constructor(options: QemuOptions) {
    this.#options = { ...options, runDir: resolve(options.runDir) };
  }

  /** The file with what the guest has written to its serial port since it was started. */
  serialLog(instance: string): string {
    return guestFiles(this.#options.runDir, instance).serial;
  }

  /** Makes the run directory. */
  async prepare(): Promise<void> {
    const { runDir } = this.#options;
    const flaw = runDirFlaw(runDir);
    if (flaw !== undefined) refuse.environment(flaw);
    await makePrivateDirectory(runDir);
  }

  /** Starts the guest and waits until it runs (with `paused`: until it could). */
  async start(
    request: { readonly runtime: RuntimeInstance; readonly paused: boolean },
    call: LocalCall,
  ): Promise<Reply<void>> {
    const { name } = request.runtime.instance;
    const flaw = isInstanceName(name) ? runDirFlaw(this.#options.runDir) : badInstanceName(name);
    if (flaw !== undefined) return failed(flaw);
    return this.#turns.take(name, () => this.#start(request, call));
  }

  /** Presses the power button, and when the time of grace is over pulls the plug. */
  async stop({ name, graceMs }: LocalStop, call: LocalCall): Promise<Reply<void>> {
    if (!isInstanceName(name)) return failed(badInstanceName(name));
    const { clock, runDir } = this.#options;
    const files = guestFiles(runDir, name);
    return this.#turns.take(name, async () => {
      const guest = await findGuest(files);
      const stopped =
        guest === undefined
          ? answered(undefined)
          : await haltGuest({ name, guest, files, graceMs, clock }, call);
      if (stopped.ok) await removeGuestFiles(files);
      return stopped;
    });
  }

  /** Memory and processors from the guest's command line, whether it runs from QEMU itself. */
  async status(name: string, { signal }: LocalCall): Promise<Reply<InstanceStatus | undefined>> {
    if (!isInstanceName(name)) return answered(undefined);
    const { clock, runDir } = this.#options;
    const files = guestFiles(runDir, name);
    const guest = await findGuest(files);
    if (guest === undefined) return answered(undefined);
    const status = await guestStatus(files, clock, { signal, timeoutMs: STATUS_MS });
    const vcpus = /cpus=(\d+)/.exec(argumentOf(guest, '-smp') ?? '')?.[1];
    return answered({
      // A guest whose QEMU is too busy to answer runs.
      running: status !== 'shutdown',
      memoryMib: memoryOf(guest),
      vcpus: Number(vcpus ?? 0),
    });
  }

  /** The guests whose process lives. */
  async list(): Promise<Reply<readonly string[]>> {
    return answered((await this.#guests()).map(([name]) => name));
  }

  /** Whether QEMU is installed and the files that parameters name exist. */
  async validate(params: Params): Promise<Reply<void>> {
    const unsupported = unsupportedParam(params);
    if (unsupported !== undefined) return failed(unsupported);
    if ((await findQemu(this.#options.program)) === undefined) return failed(this.#notInstalled());
    for (const parameter of FILES) {
      const path = params[parameter];
      if (typeof path !== 'string' || path === '' || (await isFile(path))) continue;
      return failed(
        `parameter '${parameter}': there is no file '${path}'; empty it or add the file`,
      );
    }
    return answered(undefined);
  }

  /** What guests may still take of the memory they were given. */
  async unseenMemoryMib(): Promise<number> {
    const guests = await this.#guests();
    const unseen = guests.map(async ([, guest]) =>
      Math.max(0, memoryOf(guest) - (await residentMib(guest))),
    );
    return (await Promise.all(unseen)).reduce((sum, mib) => sum + mib, 0);
  }

  async #start(
    { runtime, paused }: { readonly runtime: RuntimeInstance; readonly paused: boolean },
    call: LocalCall,
  ): Promise<Reply<void>> {
    const { accelerators = ['kvm', 'tcg'], clock, network = 'tap', runDir } = this.#options;
    const { name } = runtime.instance;
    const files = guestFiles(runDir, name);
    const taps = tapsOf(runtime.nics, network);
    const bringing = { name, files, taps, paused, clock };
    if ((await findGuest(files)) !== undefined) {
      return paused ? answered(undefined) : resumeGuest(bringing, call);
    }
    const program = await findQemu(this.#options.program);
    if (program === undefined) return failed(this.#notInstalled());
    const memory = await this.#memoryFor(runtime);
    if (!memory.ok) return memory;
    const allowed = acceleratorsFor(runtime.hvParams, accelerators);
    const guest = { runtime, files, memoryMib: memory.payload, accelerators: allowed, network };
    const args = qemuArguments(guest);
    if (!args.ok) return failed(`instance '${name}' cannot be started: ${args.message}`);
    if (network === 'none') reportIsolation(runtime, call);
    await this.prepare();
    const timeoutMs = this.#options.startTimeoutMs ?? START_MS;
    const launch = { ...bringing, program, args: args.payload, timeoutMs };
    return launchGuest(launch, call);
  }

  async #memoryFor({ instance, beParams }: RuntimeInstance): Promise<Reply<number>> {
    const { availableMib } = await (this.#options.memory ?? machineMemory)();
    return startupMemory(instance.name, beParams, availableMib - (await this.unseenMemoryMib()));
  }

  async #guests(): Promise<readonly (readonly [name: string, guest: GuestProcess])[]> {
    const { runDir } = this.#options;
    const entries = await readdir(runDir).catch(() => [] as string[]);
    const names = entries.filter(isInstanceName).sort();
    const found = names.map(
      async (name) => [name, await findGuest(guestFiles(runDir, name))] as const,
    );
    return (await Promise.all(found)).flatMap(([name, guest]) => (guest ? [[name, guest]] : []));
  }

  #notInstalled(): string {
    const { program } = this.#options;
    return program === undefined
      ? NOT_INSTALLED
      : `there is no program '${program}'; check the path`;
  }
}

/** Parameters that name files of the node. */
const FILES = [
  'kernel_path',
  'initrd_path',
  'cdrom_image_path',
  'cdrom2_image_path',
  'floppy_image_path',
];

function reportIsolation({ nics }: RuntimeInstance, { onInfo }: LocalCall): void {
  nics.forEach((_nic, index) => {
    onInfo?.(`network card ${index} is connected to nothing`);
  });
}

function memoryOf(guest: GuestProcess): number {
  return Number(argumentOf(guest, '-m') ?? 0);
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true;
}
