/** A policy under which small instances are allowed, so that little has to be made. */
import { POLICY_DEFAULTS } from '../../src/model/ipolicy.js';

export const LENIENT_POLICY = {
  ...POLICY_DEFAULTS,
  minmax: POLICY_DEFAULTS.minmax.map(({ min, max }) => ({
    min: { ...min, diskCount: 0, diskSizeMib: 1, nicCount: 0, memorySizeMib: 4 },
    max,
  })),
};
