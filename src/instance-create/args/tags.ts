/**
 * The form of labels: what Ganeti accepts, but for a line break at the end.
 */
import { refuse } from '../../errors.js';
import type { OddRequests } from './odd-requests.js';

const FORM = /^[\p{L}\p{N}_.+*/:@-]+$/u;

/** Longest label, in characters, and most labels of one object (Ganeti's `MAX_TAG_LEN`, ...). */
const LONGEST = 128;
const MOST = 4096;

const about = 'tag';

/** The labels, without doubles. */
export function readTags(
  given: readonly string[],
  oddRequests: OddRequests = 'refused',
): readonly string[] {
  for (const tag of given) checkTag(tag, oddRequests);
  const tags = [...new Set(given)];
  if (tags.length > MOST) {
    refuse.input(`${tags.length} tags are too many; ${MOST} are allowed`, { about });
  }
  return tags;
}

/** Refuses what is no label (Ganeti's `ValidateTag`). */
export function checkTag(tag: unknown, oddRequests: OddRequests): void {
  if (typeof tag !== 'string')
    return refuse.input(`A tag is text; ${typeof tag} is none`, { about });
  if ([...tag].length > LONGEST) {
    const start = tag.slice(0, 20);
    refuse.input(`Tag '${start}…' is too long; ${LONGEST} characters are allowed`, { about });
  }
  // Ganeti lets a line break pass at the very end.
  const judged = oddRequests === 'accepted' ? tag.replace(/\n$/, '') : tag;
  if (!FORM.test(judged)) {
    refuse.input(`'${tag}' is no tag; use letters, digits and any of _ . + * / : @ -`, { about });
  }
}
