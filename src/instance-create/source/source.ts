/**
 * Where an instance's contents come from: what differs between the modes of a creation is a method
 * of a source.
 */
import type { ArgsContext, Eventually, ExecContext, PrereqContext } from '../../lu-base.js';
import type { CreateMode, CreateOp } from '../op.js';
import type { CreateArgs, CreateNames, CreatePlan, Installed, Prepared } from '../types.js';
import type { Origin } from '../wishes.js';
import type { Imported, SourceArgs } from './source-data.js';

/** A request that a source has looked at. */
export interface Checked {
  /** The request, with what the mode implies. */
  readonly op: CreateOp;
  /** What the source has understood. */
  readonly sourceArgs: SourceArgs;
}

/** The request with what a source has brought. */
export interface ReadRequest {
  /** The request: what it does not say is the import's. */
  readonly op: CreateOp;
  /** For the work. */
  readonly imported?: Imported;
}

/** A source of contents. */
export interface Source {
  /** The mode that asks for it. */
  readonly mode: CreateMode;
  /** The request alone says what is wanted. If not given, the source may bring some of it. */
  readonly complete?: true;
  /** Needs new disks: what is taken over cannot be filled. */
  readonly fillsDisks?: true;
  /** A helper machine can put its contents on the disks, if scripts may not run on the node. */
  readonly inHelper?: true;
  /** Looks at what the request says of the source; the last of the checks without locks. */
  checkArguments(op: CreateOp, ctx: ArgsContext): Eventually<Checked>;
  /** Which node has the contents. */
  expandNames(args: CreateArgs, ctx: ArgsContext): Origin;
  /** Reads what the contents are and lays it under the request. The first of the checks. */
  read(names: CreateNames, ctx: PrereqContext): Eventually<ReadRequest>;
  /** Puts the contents on the disks. */
  install(prepared: Prepared, plan: CreatePlan, ctx: ExecContext): Promise<Installed>;
}
