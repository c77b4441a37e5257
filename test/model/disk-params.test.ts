import { describe, expect, test } from 'vitest';
import { DISK_TEMPLATES } from '../../src/model/disk-template.js';
import { fillDiskParams, logicalDiskParams, partParams } from '../../src/model/disk-params.js';
import type { GroupId, NodeId } from '../../src/model/ids.js';
import { newCluster, newGroup } from '../../src/model/new-objects.js';
import { SAMPLE } from '../ganeti/node/sample.js';

const cluster = newCluster({ id: 'c', name: 'c', masterNode: 'n' as NodeId });
const group = newGroup({ id: 'g' as GroupId, name: 'g' });

describe('disk parameters', () => {
  test.each(SAMPLE.diskParams)('of $template are called as Ganeti calls them', (row) => {
    const { template, params, result } = row;
    const filled = params[template];
    expect([logicalDiskParams(template, filled, {}), ...partParams(template, filled)]).toEqual(
      result,
    );
  });

  test('come from the built-in values, the cluster, the group and the disk', () => {
    const of = { ...cluster, diskParams: { rbd: { pool: 'cluster', access: 'cluster' } } };
    const inGroup = { ...group, diskParams: { rbd: { pool: 'group' } } };
    expect(fillDiskParams(cluster, undefined, 'rbd')).toEqual({
      access: 'kernelspace',
      pool: 'rbd',
    });
    const filled = fillDiskParams(of, inGroup, 'rbd');
    expect(filled).toEqual({ access: 'cluster', pool: 'group' });
    const own = { access: 'own', extra: 'x' };
    expect(logicalDiskParams('rbd', filled, own)).toEqual({ ...own, pool: 'group' });
  });

  test('go to parts of mirrored disks alone', () => {
    const filled = { ...fillDiskParams(cluster, group, 'drbd'), 'data-stripes': 3 };
    expect(partParams('drbd', filled)).toEqual([{ stripes: 3 }, { stripes: 1 }]);
    for (const template of DISK_TEMPLATES) {
      const parts = partParams(template, fillDiskParams(cluster, group, template));
      expect(parts).toHaveLength(template === 'drbd' ? 2 : 0);
    }
  });
});
