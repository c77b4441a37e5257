/**
 * Checks the request to export an instance, as far as that needs no lock.
 */
import { z } from 'zod';
import { refuse } from '../../errors.js';
import { parseOp } from '../../lu-base.js';
import { milliseconds } from '../instance-op.js';
import type { ExportOp } from './types.js';

const schema: z.ZodType<ExportOp> = z.lazy(() =>
  z.strictObject({
    instanceName: z.string().min(1, 'must not be empty'),
    targetNode: z.string().min(1, 'must not be empty'),
    compress: z.string().min(1, 'must not be empty').exactOptional(),
    shutdown: z.boolean().exactOptional(),
    graceMs: milliseconds(),
    longSleep: z.boolean().exactOptional(),
    removeInstance: z.boolean().exactOptional(),
    ignoreRemoveFailures: z.boolean().exactOptional(),
  }),
);

/** The request, if it makes sense. Throws `PrereqError` `wrong_input`. */
export function checkExportOp(op: ExportOp): ExportOp {
  const checked = parseOp(schema, op);
  if (checked.longSleep === true && checked.shutdown === false) {
    refuse.input('longSleep allows a guest to be down; it makes no sense without shutdown');
  }
  return checked;
}
