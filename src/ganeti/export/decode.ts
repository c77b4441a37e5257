/**
 * From the text of an export's `config.ini` to what it says.
 *
 * E1 Keys and sections that are not known do not count.
 * E2 Cards are read up to the first number that has no hardware address, as Ganeti reads them; a
 *    card that is there has to be complete.
 * E3 Without a section for backend parameters they are looked for in the instance's own, where
 *    old exports have them.
 */
import { refuse } from '../../errors.js';
import { DISK_TEMPLATES } from '../../model/disk-template.js';
import { MAX_DISKS } from '../../model/disk.js';
import { HYPERVISOR_NAMES } from '../../model/hypervisor.js';
import type { NetworkId } from '../../model/ids.js';
import { MAX_NICS, NIC_MODES } from '../../model/nic.js';
import { Secret } from '../../model/secret.js';
import { ourBeName, WIRE_BE_NAMES } from '../wire/be-names.js';
import { damaged } from './damaged.js';
import {
  EXPORT_VERSION,
  type ExportedDisk,
  type ExportedInstance,
  type ExportedNic,
  type ExportInfo,
  SECTION,
} from './export-info.js';
import { allOf, Fields } from './fields.js';
import { type IniSections, parseIni } from './ini-syntax.js';
import { optional } from './optional.js';

/**
 * Reads an export's `config.ini`. Throws `PrereqError` `environment_error` that names line, or
 * section and key, and the rule, if the file cannot be used.
 * @public
 */
export function decodeExport(text: string): ExportInfo {
  const sections = parseIni(text);
  const head = new Fields(sections, SECTION.export);
  const version = head.count('version');
  if (version !== EXPORT_VERSION) {
    refuse.environment(
      `The export has version ${version ?? 'none'}, but only ${EXPORT_VERSION} can be read; ` +
        'make it again with a newer Ganeti',
    );
  }
  const instance = new Fields(sections, SECTION.instance);
  return {
    ...optional({
      timestampS: head.count('timestamp'),
      source: head.filled('source'),
      os: head.filled('os'),
      // Here `none` is a value: the dumps are as they were.
      compression: head.raw('compression'),
    }),
    instance: readInstance(instance),
    hvParams: allOf(sections, SECTION.hypervisor),
    beParams: readBeParams(sections, instance),
    osParams: allOf(sections, SECTION.os),
    osParamsPrivate: readSecrets(sections),
  };
}

function readInstance(fields: Fields): ExportedInstance {
  return {
    name: fields.needed('name'),
    ...optional({
      diskTemplate: fields.word('disk_template', DISK_TEMPLATES),
      hypervisor: fields.word('hypervisor', HYPERVISOR_NAMES),
      nicCount: fields.count('nic_count'),
      diskCount: fields.count('disk_count'),
    }),
    tags: (fields.text('tags') ?? '').split(/\s+/).filter((tag) => tag !== ''),
    nics: readNics(fields),
    disks: readDisks(fields),
  };
}

function readNics(fields: Fields): readonly ExportedNic[] {
  const nics: ExportedNic[] = [];
  while (nics.length < MAX_NICS && fields.raw(`nic${nics.length}_mac`) !== undefined) {
    nics.push(readNic(fields, `nic${nics.length}`));
  }
  return nics;
}

function readNic(fields: Fields, at: string): ExportedNic {
  return {
    mac: fields.needed(`${at}_mac`),
    ...optional({
      ip: fields.filled(`${at}_ip`),
      networkId: fields.filled(`${at}_network`) as NetworkId | undefined,
      name: fields.filled(`${at}_name`),
    }),
    mode: fields.word(`${at}_mode`, NIC_MODES) ?? missingMode(fields, at),
    link: fields.needed(`${at}_link`),
    vlan: fields.text(`${at}_vlan`) ?? '',
  };
}

function missingMode(fields: Fields, at: string): never {
  fields.needed(`${at}_mode`);
  return damaged(`${at}_mode is empty`);
}

function readDisks(fields: Fields): readonly ExportedDisk[] {
  const disks = Array.from({ length: MAX_DISKS }, (_, index) => readDisk(fields, `disk${index}`));
  const last = disks.findLastIndex((disk) => Object.keys(disk).length > 0);
  return disks.slice(0, last + 1);
}

function readDisk(fields: Fields, at: string): ExportedDisk {
  return optional({
    ivName: fields.filled(`${at}_ivname`),
    dump: fields.filled(`${at}_dump`),
    sizeMib: fields.count(`${at}_size`),
    name: fields.filled(`${at}_name`),
  });
}

function readBeParams(sections: IniSections, instance: Fields): Record<string, string> {
  if (sections.has(SECTION.backend)) return allOf(sections, SECTION.backend, ourBeName);
  const old = WIRE_BE_NAMES.flatMap((wire) => {
    const value = instance.filled(wire);
    return value === undefined ? [] : [[ourBeName(wire) ?? wire, value] as const];
  });
  return Object.fromEntries(old);
}

function readSecrets(sections: IniSections): Record<string, Secret<string>> {
  const clear = Object.entries(allOf(sections, SECTION.osPrivate));
  return Object.fromEntries(clear.map(([name, value]) => [name, new Secret(value)]));
}
