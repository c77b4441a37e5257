/**
 * A node daemon that is killed once it has answered, after each procedure of a creation.
 */
import { strikeAll } from './struck.js';

strikeAll('after');
