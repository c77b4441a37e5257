/**
 * Rules of parameters that mean the same to several hypervisors.
 */
import { between, oneOf } from './forms.js';
import { required } from './syntax.js';

/** How instances move. */
export const MIGRATION_MODE = required(oneOf('live', 'non-live'));

/** The TCP port that a moving instance arrives at; the last port of all is left out. */
export const MIGRATION_PORT = required(between(1, 65534));

/** What a guest's wish to reboot leads to. */
export const REBOOT_BEHAVIOR = required(oneOf('reboot', 'exit'));
