/**
 * A node daemon that takes connections and does not answer, from each procedure of a creation on.
 */
import { strikeAll } from './struck.js';

strikeAll('hang');
