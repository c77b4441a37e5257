/**
 * The end of every import: whether all disks have their contents, and the guest's new name.
 */
import { ExecError } from '../../errors.js';
import type { ExecContext } from '../../lu-base.js';
import type { Disk } from '../../model/disk.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import type { TransferEnd } from '../../ports/transfer.js';
import type { EndedTransfer } from '../../transfer/run.js';
import type { CreatePlan } from '../types.js';

/**
 * Where a disk's contents go: through the OS's import script, or as they are if there is none. Then
 * they are those of a whole disk, so what is less than that disk was is damaged.
 */
export function endOf({ instance }: RuntimeInstance, disk: Disk, sizeMib?: number): TransferEnd {
  if (instance.os !== undefined) return { kind: 'script', disk };
  return { kind: 'disk', disk, ...(sizeMib === undefined ? {} : { leastMib: sizeMib }) };
}

/** What is known once the transfers have ended. */
export interface EndOfImport {
  readonly ends: readonly EndedTransfer[];
  /** The instance's name where it comes from. */
  readonly formerName: string;
  readonly plan: Pick<CreatePlan, 'nodes'>;
}

/**
 * Throws `ExecError` if contents are missing, unless half of them are wanted, too. Then tells the
 * guest its name, also if it is the same: the OS's script may do more. That it fails is a warning.
 */
export async function finishImport(
  runtime: RuntimeInstance,
  end: EndOfImport,
  ctx: ExecContext,
): Promise<void> {
  const { primary } = end.plan.nodes;
  const { name } = runtime.instance;
  reportMissing(name, end, ctx);
  if (runtime.instance.os === undefined) return;
  ctx.report.step(`Telling ${name} its name`);
  const reply = await ctx.rpc.renameOs(primary.id, { runtime, oldName: end.formerName });
  if (reply.ok) return;
  ctx.report.warn(`${name} may still be called ${end.formerName} inside: ${reply.message}`);
}

function reportMissing(name: string, { ends }: EndOfImport, ctx: ExecContext): void {
  const missing = ends.flatMap(({ label, outcome }) =>
    outcome.ok ? [] : [`${label}: ${outcome.message}`],
  );
  if (missing.length === 0) return;
  const message = `Contents of ${name} are missing or incomplete (${missing.join('; ')})`;
  if (ctx.compatibility.partialImports === 'refused') throw new ExecError(message);
  ctx.report.warn(message);
}
