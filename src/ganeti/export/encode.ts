/**
 * From what an export says to the text of its `config.ini`: the same sections, keys and order that
 * Ganeti writes, so that Ganeti imports it.
 */
import { refuse } from '../../errors.js';
import { wireBeName } from '../wire/be-names.js';
import {
  EXPORT_VERSION,
  type ExportedDisk,
  type ExportedNic,
  type ExportInfo,
  SECTION,
} from './export-info.js';
import { formatIni } from './ini-write.js';

type Entry = readonly [key: string, value: string];

/** How Ganeti writes that there is no value. */
const NONE = 'None';

/**
 * Writes an export's `config.ini`. Private OS parameters are written in clear text, as Ganeti does:
 * the file is for root only. Throws `PrereqError` `wrong_input` for values that the file's dialect
 * cannot hold, and if a disk has no size, since no import could use it.
 * @public
 */
export function encodeExport(info: ExportInfo): string {
  const beParams = Object.entries(info.beParams).map(
    ([name, value]): Entry => [wireBeName(name), value],
  );
  const secrets = Object.entries(info.osParamsPrivate).map(
    ([name, secret]): Entry => [name, secret.reveal()],
  );
  return formatIni(
    new Map([
      [SECTION.export, new Map(headEntries(info))],
      [SECTION.instance, new Map(instanceEntries(info, new Map(beParams)))],
      [SECTION.hypervisor, new Map(Object.entries(info.hvParams))],
      [SECTION.backend, new Map(beParams)],
      [SECTION.os, new Map(Object.entries(info.osParams))],
      [SECTION.osPrivate, new Map(secrets)],
    ]),
  );
}

function headEntries({ timestampS, source, os, compression }: ExportInfo): Entry[] {
  return [
    ['version', String(EXPORT_VERSION)],
    ...given('timestamp', timestampS),
    ...given('source', source),
    ['os', os ?? NONE],
    ...given('compression', compression),
  ];
}

function instanceEntries({ instance }: ExportInfo, beParams: ReadonlyMap<string, string>): Entry[] {
  const { name, diskTemplate, hypervisor, tags, nics, disks } = instance;
  return [
    ['name', name],
    ...given('maxmem', beParams.get('maxmem')),
    ...given('minmem', beParams.get('minmem')),
    // For versions of Ganeti that knew one size only.
    ...given('memory', beParams.get('maxmem')),
    ...given('vcpus', beParams.get('vcpus')),
    ...given('disk_template', diskTemplate),
    ...given('hypervisor', hypervisor),
    ['tags', tags.join(' ')],
    ...nics.flatMap(nicEntries),
    ['nic_count', String(instance.nicCount ?? nics.length)],
    ...disks.flatMap(diskEntries),
    ['disk_count', String(instance.diskCount ?? disks.length)],
  ];
}

function nicEntries(
  { mac, ip, networkId, name, link, mode, vlan }: ExportedNic,
  at: number,
): Entry[] {
  return [
    [`nic${at}_mac`, mac],
    [`nic${at}_ip`, ip ?? NONE],
    [`nic${at}_network`, networkId ?? NONE],
    [`nic${at}_name`, name ?? NONE],
    [`nic${at}_link`, link],
    [`nic${at}_mode`, mode],
    [`nic${at}_vlan`, vlan],
  ];
}

function diskEntries({ ivName, dump, sizeMib, name }: ExportedDisk, at: number): Entry[] {
  const size = sizeMib ?? refuse.input(`Disk ${at} of the export has no size; give sizeMib`);
  return [
    [`disk${at}_ivname`, ivName ?? `disk/${at}`],
    ...given(`disk${at}_dump`, dump),
    [`disk${at}_size`, String(size)],
    [`disk${at}_name`, name ?? NONE],
  ];
}

function given(key: string, value: string | number | undefined): Entry[] {
  return value === undefined ? [] : [[key, String(value)]];
}
