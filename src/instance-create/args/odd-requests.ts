/**
 * Whether requests are accepted that nobody means, as Ganeti does. Rooms know this one switch only.
 */
import type { ArgsContext } from '../../lu-base.js';

/** The switch. */
export type OddRequests = ArgsContext['compatibility']['oddRequests'];
