/** A disk that takes its time: the kernel holds back what a group of processes writes. */
import { mkdirSync, rmdirSync, statSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Writes per second; etcd needs a few of them for each transaction. */
const WRITES = 8;

const V1 = '/sys/fs/cgroup/blkio';
const V2 = '/sys/fs/cgroup';

/** A control group whose writes are few. */
export class SlowDisk {
  readonly #group: string;
  readonly #isV1: boolean;
  readonly #device: string;

  /** Throws where the kernel cannot do it. */
  constructor() {
    const { dev } = statSync(tmpdir());
    const [major, minor] = [(dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00)];
    if (major === 0) throw new Error(`${tmpdir()} is on no device of its own`);
    this.#device = `${major}:${minor}`;
    this.#isV1 = existsSync(join(V1, 'blkio.throttle.write_iops_device'));
    this.#group = join(this.#isV1 ? V1 : V2, `lu-etcd-${process.pid}`);
    if (!this.#isV1) writeFileSync(join(V2, 'cgroup.subtree_control'), '+io');
    mkdirSync(this.#group, { recursive: true });
    process.once('exit', () => this.remove());
    try {
      this.#limit(WRITES);
      this.#limit(0);
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** From now on the process writes slowly. */
  slow(pid: number): void {
    writeFileSync(join(this.#group, 'cgroup.procs'), String(pid));
    this.#limit(WRITES);
  }

  /** All write as fast as they can. */
  release(): void {
    this.#limit(0);
  }

  /** Only when none of its processes lives any more. */
  remove(): void {
    try {
      rmdirSync(this.#group);
    } catch {
      // It is gone already.
    }
  }

  /** 0: no limit. */
  #limit(writes: number): void {
    const line = this.#isV1 ? `${writes}` : `wiops=${writes === 0 ? 'max' : writes}`;
    const file = this.#isV1 ? 'blkio.throttle.write_iops_device' : 'io.max';
    writeFileSync(join(this.#group, file), `${this.#device} ${line}`);
  }
}

/** Why disks cannot be slow here; `undefined` if they can. */
export function whyNoSlowDisk(): string | undefined {
  try {
    new SlowDisk().remove();
    return undefined;
  } catch (error) {
    return String(error);
  }
}
