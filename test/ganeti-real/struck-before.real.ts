/**
 * A node daemon that is killed before each procedure of a creation, every procedure in turn.
 */
import { strikeAll } from './struck.js';

strikeAll('before');
