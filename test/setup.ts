/**
 * Runs before each test file: every property test starts from the seed which the run has printed,
 * and a failing one prints it again together with the path to its counterexample.
 */
import { configureGlobal } from 'fast-check';

configureGlobal({ seed: Number(process.env['SEED']) });
