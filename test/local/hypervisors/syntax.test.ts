/**
 * The deciding side of hypervisors. `*-syntax.json` holds what a Ganeti cluster accepts and refuses:
 * pairs of parameters (on top of the defaults) and whether they are fine.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PrereqError } from '../../../src/errors.js';
import { fakeHypervisor } from '../../../src/hypervisors/fake.js';
import { kvmHypervisor } from '../../../src/hypervisors/kvm.js';
import { coerceParam, type Params, type ParamValue } from '../../../src/model/params.js';
import type { Hypervisor } from '../../../src/ports/hypervisor.js';

type Row = readonly [params: Readonly<Record<string, ParamValue>>, fine: boolean];

const CASES = [
  { hypervisor: fakeHypervisor(), file: 'fake-syntax.json', rows: 7 },
  { hypervisor: kvmHypervisor(), file: 'kvm-syntax.json', rows: 383 },
];

test.each(CASES)(
  'should judge as Ganeti does, row by row of $file',
  ({ hypervisor, file, rows }) => {
    const table = readRows(file);

    const different = table.filter(([params, fine]) => isFine(hypervisor, params) !== fine);

    expect(table).toHaveLength(rows);
    // A truth value counts as a number in Python only; here it is a mistake.
    expect(different.filter(([params]) => !isTruthAsNumber(hypervisor, params))).toEqual([]);
    expect(different.filter(([, fine]) => !fine)).toEqual([]);
  },
);

const REFUSED: readonly (readonly [Params, RegExp])[] = [
  [{ color: 'red' }, /no parameter 'color'/],
  [{ boot_order: '' }, /'boot_order'.*needs a value/],
  [{ boot_order: 'tape' }, /'boot_order'.*'tape'.*disk, cdrom, floppy, network/],
  [{ acpi: 'yes' }, /'acpi'.*must be of type bool/],
  [{ cpu_cores: 1.5 }, /'cpu_cores'.*must be of type int/],
  [{ kernel_path: '/boot/../etc/shadow' }, /'kernel_path'.*absolute path/],
  [{ kernel_path: '/boot/' }, /'kernel_path'.*absolute path/],
  [{ kernel_path: 'vmlinuz' }, /'kernel_path'.*absolute path/],
  [{ kernel_path: '/boot/a\0b' }, /'kernel_path'.*absolute path/],
  [{ cdrom_image_path: 'gopher://x/y' }, /'cdrom_image_path'.*URL/],
  [{ cpu_mask: '3-1' }, /'cpu_mask'.*masks/],
  [{ migration_downtime: 0 }, /'migration_downtime'.*needs a value/],
  [{ migration_port: 65535 }, /'migration_port'.*between 1 and 65534/],
  [{ cpu_sockets: -1 }, /'cpu_sockets'.*negative/],
  [{ spice_use_tls: true }, /'spice_use_tls'.*'spice_bind'/],
  [{ spice_bind: '::1', spice_ip_version: 4 }, /IPv6.*is 4/],
  [{ security_model: 'user' }, /'security_domain' must name/],
  [{ boot_order: 'cdrom' }, /'cdrom_image_path' must name/],
];

test.each(REFUSED)('should name the parameter when kvm gets %j', (params, message) => {
  const hypervisor = kvmHypervisor();

  const error = caught(() => hypervisor.checkSyntax({ ...defaults(hypervisor), ...params }));

  expect(error).toBeInstanceOf(PrereqError);
  expect(error).toMatchObject({ code: 'wrong_input' });
  expect(String(error)).toMatch(message);
});

test('given an incomplete set, when checked, then the missing parameter is named', () => {
  const error = caught(() => fakeHypervisor().checkSyntax({}));

  expect(error).toMatchObject({ code: 'wrong_input' });
  expect(String(error)).toMatch(/'migration_mode'.*missing/);
});

test('should know which hypervisors need a console port and how guests call their disks', () => {
  expect(kvmHypervisor()).toMatchObject({ needsPort: true, guestDiskPrefix: '/dev/vd' });
  expect(fakeHypervisor().needsPort).toBe(false);
});

function readRows(file: string): readonly Row[] {
  const path = new URL(file, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as readonly Row[];
}

function isTruthAsNumber(hypervisor: Hypervisor, params: Params): boolean {
  const entries = Object.entries(params);
  return entries.some(([name, value]) => value === true && hypervisor.params[name]?.type === 'int');
}

/** First the types are brought into line, as for every request, then the forms are checked. */
function isFine(hypervisor: Hypervisor, params: Params): boolean {
  const filled: Record<string, ParamValue> = defaults(hypervisor);
  for (const [name, given] of Object.entries(params)) {
    const value = coerceParam(hypervisor.params[name]?.type ?? 'string', given);
    if (value === undefined) return false;
    filled[name] = value;
  }
  return caught(() => hypervisor.checkSyntax(filled)) === undefined;
}

function defaults(hypervisor: Hypervisor): Record<string, ParamValue> {
  const entries = Object.entries(hypervisor.params);
  return Object.fromEntries(entries.map(([name, spec]) => [name, spec.default]));
}

function caught(work: () => void): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}
