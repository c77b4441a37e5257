/** The node port's promises about transfers and exports, kept by this machine. */
import { readFile } from 'node:fs/promises';
import { test } from 'vitest';
import { exportContract } from '../../../src/testing/contracts/exports.js';
import { transferContract } from '../../../src/testing/contracts/transfers.js';
import { openTransfers } from './lab.js';

transferContract({ test, make: () => openTransfers() });

exportContract({
  test,
  make: async () => {
    const lab = await openTransfers();
    await lab.write(lab.disk, lab.contents);
    return {
      ...lab,
      holds: async (path, disk) => (await readFile(path)).equals(await lab.read(disk)),
    };
  },
});
