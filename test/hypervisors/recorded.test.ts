/** Every recorded verdict of Ganeti on hypervisor parameters is ours, too. */
import { expect, test } from 'vitest';
import { allHypervisors } from '../../src/hypervisors/all.js';
import { judge, recordedRows } from './recorded.js';

const ROWS = recordedRows();

test.each([
  { name: 'chroot', rows: 8 },
  { name: 'fake', rows: 7 },
  { name: 'kvm', rows: 383 },
  { name: 'lxc', rows: 41 },
  { name: 'xen-hvm', rows: 143 },
  { name: 'xen-pvm', rows: 114 },
] as const)('should judge all $rows rows of $name as Ganeti does', ({ name, rows }) => {
  const hypervisor = allHypervisors().find((candidate) => candidate.name === name);
  if (hypervisor === undefined) throw new Error(`no hypervisor ${name}`);

  const ours = ROWS[name].map(([params]) => [params, judge(hypervisor, params)]);

  expect(ours).toHaveLength(rows);
  expect(ours).toEqual(ROWS[name]);
});

test.each(allHypervisors())('should accept the values $name starts with', (hypervisor) => {
  expect(judge(hypervisor, {})).toBe('ok');
});
