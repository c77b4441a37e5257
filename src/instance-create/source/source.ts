/**
 * Where an instance's contents come from. The one place in which the mode of a creation is looked
 * at: to pick a source. What differs between modes is a method of the source.
 */
import { refuse } from '../../errors.js';
import type { ExecContext } from '../../lu-base.js';
import type { Cluster } from '../../model/cluster.js';
import type { CreateMode, CreateOp } from '../op.js';
import type { CreatePlan, Installed, OsSpec, Prepared, SourceMode } from '../types.js';
import { fromNothing } from './create.js';

/** A source of contents. */
export interface Source {
  /** The mode that asks for it. */
  readonly mode: SourceMode;
  /** Which operating system the request means. */
  readOs(op: CreateOp, cluster: Cluster): OsSpec;
  /** Puts the contents on the disks. */
  install(prepared: Prepared, plan: CreatePlan, ctx: ExecContext): Promise<Installed>;
}

const SOURCES: Readonly<Record<SourceMode, Source>> = { create: fromNothing };

/** The source of a mode; refuses one that is not supported. */
export function sourceOf(mode: CreateMode): Source {
  const sources: Readonly<Partial<Record<CreateMode, Source>>> = SOURCES;
  return (
    sources[mode] ??
    refuse.input(`Mode '${mode}' is not supported yet; use ${Object.keys(SOURCES).join(', ')}`)
  );
}
