/**
 * What an export says of its instance: everything filled in, as text. Clusters that import it have
 * other defaults.
 */
import { pythonText } from '../../hooks/env.js';
import type { PrereqContext } from '../../lu-base.js';
import type { Disk } from '../../model/disk.js';
import { withoutGlobals } from '../../model/fill.js';
import type { OsParamValue } from '../../model/params.js';
import { Secret } from '../../model/secret.js';
import type { ExportedNicFacts, ExportRecord, RecordedDisk } from '../../ports/export-format.js';
import type { RuntimeInstance, RuntimeNic } from '../../ports/runtime.js';

/**
 * The description, if this host can write one; `disks` are what the contents are of. Throws
 * `PrereqError` `wrong_input` if the instance has what the form cannot hold.
 */
export function exportDescription(
  { runtime }: { readonly runtime: RuntimeInstance },
  disks: readonly Disk[],
  { clock, site }: Pick<PrereqContext, 'clock' | 'site'>,
): { readonly description?: Secret<string> } {
  const { exportWriter } = site;
  if (exportWriter === undefined) return {};
  const record = exportRecord(runtime, disks, Math.floor(clock.now() / 1000));
  return { description: new Secret(exportWriter(record)) };
}

function exportRecord(
  runtime: RuntimeInstance,
  disks: readonly Disk[],
  timestampS: number,
): ExportRecord {
  const { instance, hypervisor, hvParams, beParams, osParams, nics } = runtime;
  const { os } = instance;
  return {
    timestampS,
    source: instance.primaryNode,
    ...(os === undefined ? {} : { os }),
    compression: 'none',
    instance: {
      name: instance.name,
      diskTemplate: instance.diskTemplate,
      hypervisor,
      tags: instance.tags,
      nics: nics.map(nicFacts),
      disks: disks.map(diskFacts),
    },
    hvParams: texts(withoutGlobals(hypervisor, hvParams)),
    beParams: texts({ ...beParams }),
    osParams: texts(osParams.public),
    // What the instance has of its own; the cluster's are the cluster's business.
    osParamsPrivate: sorted(instance.osParamsPrivate),
  };
}

function nicFacts({ mac, ip, networkId, name, params }: RuntimeNic): ExportedNicFacts {
  return {
    mac,
    ...(ip === undefined ? {} : { ip }),
    ...(networkId === undefined ? {} : { networkId }),
    ...(name === undefined ? {} : { name }),
    ...params,
  };
}

/** A file with contents is called by what it was made of. */
function diskFacts({ id, sizeMib, name }: Disk): RecordedDisk {
  return { sizeMib, dump: id, ...(name === undefined ? {} : { name }) };
}

function texts(params: Readonly<Record<string, OsParamValue>>): Record<string, string> {
  const entries = Object.entries(params).map(([name, value]) => [name, textOf(value)] as const);
  return sorted(Object.fromEntries(entries));
}

function textOf(value: OsParamValue): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : pythonText(value);
}

function sorted<T>(values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}
