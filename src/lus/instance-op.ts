/**
 * What requests about an existing instance have in common.
 */
import { z } from 'zod';
import type { InstanceTarget } from '../lu-helpers.js';

/**
 * A request about an existing instance.
 * @public
 */
export interface InstanceOp {
  /** Name, short name or UUID. */
  readonly instanceName: string;
  /** Proceed although the primary node is marked offline; false if not given. */
  readonly ignoreOfflineNodes?: boolean;
}

/**
 * The phases of an operation on one existing instance.
 * @public
 */
export interface InstancePhases<Op extends InstanceOp, Plan> {
  /** The request. */
  op: Op;
  /** The request, checked. */
  args: Op;
  /** The request, with the instance that is meant. */
  names: { readonly op: Op; readonly target: InstanceTarget };
  /** What will be done. */
  plan: Plan;
  /** Nothing. */
  result: undefined;
}

/**
 * Time for a guest to shut down by itself if the request gives none, milliseconds (Ganeti's
 * `DEFAULT_SHUTDOWN_TIMEOUT`).
 * @public
 */
export const DEFAULT_GRACE_MS = 120_000;

/**
 * The fields that all requests about an existing instance have, for the zod schema of such a
 * request: `z.strictObject({ ...instanceOpFields(), force: z.boolean().exactOptional() })`.
 * @public
 */
export function instanceOpFields(): {
  instanceName: z.ZodString;
  ignoreOfflineNodes: z.ZodExactOptional<z.ZodBoolean>;
} {
  return {
    instanceName: z.string().min(1, 'must not be empty'),
    ignoreOfflineNodes: z.boolean().exactOptional(),
  };
}

/**
 * A field for a time in milliseconds, a whole number from 0, which may be left out.
 * @public
 */
export function milliseconds(): z.ZodExactOptional<z.ZodNumber> {
  return z.int().min(0, 'must not be negative').exactOptional();
}
