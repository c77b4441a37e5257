/**
 * Adds one to a register on a node: reads it, then writes what comes next, under the node's lock.
 * The plainest operation that is ruined by anybody who writes without having the lock.
 *
 * Between commands and questions there is no order, and only commands carry the right in which they
 * are given. So it lets the node know of its right before it reads.
 */
import { ExecError, refuse } from '../../src/errors.js';
import { exclusive } from '../../src/locks/plan.js';
import {
  type ExecContext,
  LogicalUnit,
  type NamesContext,
  type PrereqContext,
} from '../../src/lu-base.js';
import { runtimeOf } from '../../src/lu-helpers.js';
import type { Disk } from '../../src/model/disk.js';
import type { NodeId } from '../../src/model/ids.js';
import { type Reply, unwrap } from '../../src/ports/reply.js';
import type { RuntimeInstance } from '../../src/ports/runtime.js';

export interface CountPhases {
  op: string;
  args: string;
  names: { readonly register: string; readonly node: NodeId };
  plan: { readonly runtime: RuntimeInstance; readonly disk: Disk; readonly node: NodeId };
  result: number;
}

/** Reads a register. */
export type ReadRegister = (node: NodeId, disk: Disk) => Promise<Reply<number>>;

export class LUCount extends LogicalUnit<CountPhases> {
  readonly name = 'OP_COUNT';
  readonly #read: ReadRegister;

  constructor(read: ReadRegister) {
    super();
    this.#read = read;
  }

  checkArguments(register: string): string {
    return register;
  }

  expandNames(register: string, { config }: NamesContext) {
    const node = config.findInstance(register)?.primaryNode;
    if (node === undefined) return refuse.unknown(`There is no register ${register}`);
    return { names: { register, node }, locks: { node: exclusive(node) } };
  }

  checkPrereq({ register, node }: CountPhases['names'], { config }: PrereqContext) {
    const instance = config.findInstance(register);
    if (instance === undefined) return refuse.unknown(`There is no register ${register}`);
    const runtime = runtimeOf(config, instance);
    const [disk] = runtime.disks;
    if (disk === undefined) return refuse.unknown(`${register} has no disk`);
    return { runtime, disk, node };
  }

  async exec({ runtime, disk, node }: CountPhases['plan'], { rpc }: ExecContext): Promise<number> {
    unwrap.exec(await rpc.assembleDisk(node, { disk, runtime, onPrimary: true }), 'Cannot begin');
    const next = unwrap.exec(await this.#read(node, disk), 'Cannot read') + 1;
    if (!Number.isInteger(next)) throw new ExecError('The register holds no number');
    unwrap.exec(await rpc.imageDisk(node, { disk, runtime, image: String(next) }), 'Cannot write');
    return next;
  }
}
