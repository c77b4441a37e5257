/**
 * The one place in which the mode of a creation is looked at: to pick a source.
 */
import type { CreateMode } from '../op.js';
import { fromNothing } from './create.js';
import { fromExport } from './import.js';
import { fromOtherCluster } from './remote-import.js';
import type { Source } from './source.js';

const SOURCES: Readonly<Record<CreateMode, Source>> = {
  create: fromNothing,
  import: fromExport,
  'remote-import': fromOtherCluster,
};

/** The source of a mode. */
export function sourceOf(mode: CreateMode): Source {
  return SOURCES[mode];
}
