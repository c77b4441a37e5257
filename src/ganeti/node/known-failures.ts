/**
 * Failures that daemons tell in words only, but that a caller has to tell from others: something
 * stands in the way, or the node may not do it there. After both nothing of ours is on the node, so
 * undoing must leave alone what is.
 */
import type { ReplyFailed, ReplyFailure } from '../../ports/reply.js';

/** What a procedure's failures mean, by what they say. */
export type KnownFailures = readonly {
  readonly says: RegExp;
  readonly means: ReplyFailure;
}[];

/** Of making a disk: a file, volume or image is there already; a path is not among the allowed. */
export const MAKING_DISKS: KnownFailures = [
  { says: /\[Errno 17\]|File exists|already exists/, means: 'exists' },
  { says: /is not acceptable for file storage/, means: 'not_authorised' },
];

/** Of directories: one that has something in it, or something else in its place. */
export const DIRECTORIES: KnownFailures = [
  { says: /\[Errno 39\]|Directory not empty|is not a directory/, means: 'exists' },
];

/** Of checking an OS: that it is not there is an answer. */
export const ABSENT_OS = /^Directory for OS .* not found in search path/s;

/** Of removing a key: that it is gone already is done. */
export const GONE = /\[Errno 2\]|No such file or directory/;

/** The failure under its right name. */
export function named(reply: ReplyFailed, known: KnownFailures = []): ReplyFailed {
  if (reply.failure !== 'failed') return reply;
  const match = known.find(({ says }) => says.test(reply.message));
  return match === undefined ? reply : { ...reply, failure: match.means };
}
