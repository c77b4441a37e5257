/**
 * The form of labels: what Ganeti accepts, but for a line break at the end.
 */
import { refuse } from '../../errors.js';

const FORM = /^[\p{L}\p{N}_.+*/:@-]+$/u;

/** Longest label, in characters, and most labels of one object (Ganeti's `MAX_TAG_LEN`, ...). */
const LONGEST = 128;
const MOST = 4096;

/** The labels, without doubles. */
export function readTags(given: readonly string[]): readonly string[] {
  for (const tag of given) {
    if (!FORM.test(tag)) {
      refuse.input(`'${tag}' is no tag; use letters, digits and any of _ . + * / : @ -`);
    }
    if (tag.length > LONGEST) {
      refuse.input(`Tag '${tag.slice(0, 20)}…' is too long; ${LONGEST} characters are allowed`);
    }
  }
  const tags = [...new Set(given)];
  if (tags.length > MOST) refuse.input(`${tags.length} tags are too many; ${MOST} are allowed`);
  return tags;
}
