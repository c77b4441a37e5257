/**
 * A node daemon that is killed with its helpers while it works on each procedure of a creation.
 */
import { strikeAll } from './struck.js';

strikeAll('during');
