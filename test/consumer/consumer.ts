/**
 * A small program of somebody who uses the package: scripts/consumer.mjs type-checks it against the
 * packed tarball with the oldest and the newest supported TypeScript, library checks included.
 */
import {
  exclusive,
  type ExecContext,
  type Expanded,
  LogicalUnit,
  type LuError,
  type NamesContext,
  type PrereqContext,
  PrereqError,
  refuse,
} from 'logical-units';

interface Phases {
  op: { readonly instance: string };
  args: { readonly instance: string };
  names: { readonly instance: string };
  plan: { readonly instance: string; readonly tags: readonly string[] };
  result: number;
}

export class CountTags extends LogicalUnit<Phases> {
  readonly name = 'OP_COUNT_TAGS';

  checkArguments(op: Phases['op']): Phases['args'] {
    return op.instance === '' ? refuse.input('The instance has no name; give one') : op;
  }

  expandNames(args: Phases['args'], _ctx: NamesContext): Expanded<Phases['names']> {
    return { names: args, locks: { instance: exclusive(args.instance) } };
  }

  checkPrereq(names: Phases['names'], ctx: PrereqContext): Phases['plan'] {
    return { ...names, tags: [...ctx.locks.at('instance')] };
  }

  exec(plan: Phases['plan'], ctx: ExecContext): number {
    ctx.report.step(`counting the tags of ${plan.instance}`);
    return plan.tags.length;
  }
}

export function explain(error: LuError): string {
  return error instanceof PrereqError ? error.code : error.kind;
}
