/**
 * Gets the instance its disks, in the way that the plan says.
 */
import type { ExecContext } from '../../lu-base.js';
import type { CreatePlan, Provisioned, ProvisionKind } from '../types.js';
import { adoptDisks } from './adopt.js';
import { makeDisks } from './make-disks.js';
import { losePorts } from './ports.js';

type Provision = (plan: CreatePlan, ctx: ExecContext) => Promise<Provisioned>;

const WAYS: Readonly<Record<ProvisionKind, Provision>> = {
  make: makeDisks,
  adopt: adoptDisks,
  reserve: () => Promise.resolve({ stage: 'provisioned', madeDirectories: [] }),
};

/** The disks are there, or reserved. */
export async function provision(plan: CreatePlan, ctx: ExecContext): Promise<Provisioned> {
  try {
    return await WAYS[plan.provision](plan, ctx);
  } catch (error) {
    if (ctx.compatibility.ports === 'at-once') await losePorts(plan, ctx);
    throw error;
  }
}
