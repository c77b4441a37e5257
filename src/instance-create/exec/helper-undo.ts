/**
 * How to take a helper machine back: it is stopped, and its temporary disk removed.
 */
import type { UndoEntry } from '../../ports/journal.js';
import { type Remains, UNDO, withoutSecrets } from '../undo-entries.js';

/** Before a helper machine's disk is made. */
export function undoHelper(remains: Remains): UndoEntry {
  return {
    what: `helper machine of ${remains.instance.name}, and its disk`,
    action: UNDO.clearRemains,
    args: { remains: withoutSecrets(remains) },
  };
}
