/**
 * Why a transfer has failed, in words for its state: what the parts of a transfer throw, and what
 * the system says. A defect of ours is told as it is; there is nobody to throw it at.
 */
import { systemReason } from '../paths/errno.js';
import { UnsafePath } from '../paths/walk.js';

/** The words. */
export function reasonOf(error: unknown): string {
  if (error instanceof UnsafePath) return error.message;
  return systemReason(error) ?? (error instanceof Error ? error.message : String(error));
}
