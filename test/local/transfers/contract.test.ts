/** The node port's promises about transfers, kept by this machine. */
import { test } from 'vitest';
import { transferContract } from '../../../src/testing/contracts/transfers.js';
import { openTransfers } from './lab.js';

transferContract({ test, make: () => openTransfers() });
