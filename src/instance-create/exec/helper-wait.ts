/**
 * Waits for a helper machine: first until it runs, then until it has stopped by itself.
 */
import { ExecError } from '../../errors.js';
import type { ExecContext } from '../../lu-base.js';
import { sleep } from '../../ports/clock.js';
import type { InstanceStatus } from '../../ports/node-facts.js';
import { unwrap } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import type { PlannedNode, PlannedRequest } from '../types.js';

/** How often a machine is looked at, and for how long if the request does not say (Ganeti's). */
const LIMITS = {
  startup: { pollMs: 5000, timeoutS: 300 },
  shutdown: { pollMs: 20_000, timeoutS: 7200 },
};

type Status = InstanceStatus | undefined;

/** Throws `ExecError` if the machine does not start in time. */
export async function waitUntilUp(
  runtime: RuntimeInstance,
  node: PlannedNode,
  { helperStartupTimeoutS = LIMITS.startup.timeoutS }: PlannedRequest,
  ctx: ExecContext,
): Promise<void> {
  const isUp = (status: Status): boolean => status?.running === true;
  const limits = { pollMs: LIMITS.startup.pollMs, timeoutS: helperStartupTimeoutS };
  if (isUp(await poll(isUp, limits, runtime, node, ctx))) return;
  throw new ExecError(
    `The helper machine of ${runtime.instance.name} has not started on ${node.name} within ` +
      `${helperStartupTimeoutS} s; look at the cluster's install image`,
  );
}

/** Whether the machine stops in time. */
export async function waitUntilDone(
  runtime: RuntimeInstance,
  node: PlannedNode,
  { helperShutdownTimeoutS = LIMITS.shutdown.timeoutS }: PlannedRequest,
  ctx: ExecContext,
): Promise<boolean> {
  const isVanished = ctx.compatibility.vanishedHelper === 'finished';
  const isDone = (status: Status): boolean => (status === undefined ? isVanished : !status.running);
  const limits = { pollMs: LIMITS.shutdown.pollMs, timeoutS: helperShutdownTimeoutS };
  return (await poll(isDone, limits, runtime, node, ctx))?.running !== true;
}

/** Asks until it is as wanted, or time is up; gives the last answer. */
async function poll(
  isWanted: (status: Status) => boolean,
  { pollMs, timeoutS }: { readonly pollMs: number; readonly timeoutS: number },
  { instance, hypervisor, hvParams }: RuntimeInstance,
  node: PlannedNode,
  { rpc, clock, signal }: ExecContext,
): Promise<Status> {
  const endMs = clock.monotonic() + timeoutS * 1000;
  for (;;) {
    const request = { name: instance.name, hypervisor, hvParams };
    const reply = await rpc.instanceStatus(node.id, request);
    const status = unwrap.exec(reply, `Cannot learn whether ${instance.name} runs on ${node.name}`);
    if (isWanted(status) || clock.monotonic() >= endMs) return status;
    await sleep(clock, pollMs, signal);
  }
}
