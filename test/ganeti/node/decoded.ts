/**
 * Objects out of recorded arguments: disks with their own parameters only, instances with all
 * parameters filled.
 */
import { decodeDisk } from '../../../src/ganeti/objects/disk.js';
import { decodeInstance } from '../../../src/ganeti/objects/instance.js';
import type { Disk, DiskPart } from '../../../src/model/disk.js';
import { fillDiskParams, logicalDiskParams, partParams } from '../../../src/model/disk-params.js';
import type { DiskTemplate } from '../../../src/model/disk-template.js';
import {
  fillBeParams,
  fillHvParams,
  fillNicParams,
  fillOsParams,
} from '../../../src/model/fill.js';
import type { InstanceId } from '../../../src/model/ids.js';
import type { Params } from '../../../src/model/params.js';
import { Secret } from '../../../src/model/secret.js';
import type { ConfigReader } from '../../../src/ports/config-store.js';
import type { RuntimeInstance } from '../../../src/ports/runtime.js';
import type { Json } from './recorded.js';

/** A whole disk as it is in arguments. */
export function diskOf(json: Json, owner: Json, index = 0): Disk {
  const { dynamic_params: _, ...stored } = json;
  const place = /^disk\/(\d+)$/.exec(String(json['iv_name']))?.[1];
  const instanceId = owner['uuid'] as InstanceId;
  return decodeDisk(stored, { instanceId, index: Number(place ?? index) });
}

/** A disk or a part, of which the arguments show all parameters: those of its own. */
export function ownDiskOf(
  json: Json,
  owner: Json,
  config: ConfigReader,
  index = 0,
): Disk | DiskPart {
  const disk = diskOf(json, owner, index);
  const group = [...config.all('group')][0];
  const filled = (template: DiskTemplate): Params =>
    fillDiskParams(config.cluster, group, template);
  const { template } = disk;
  const params = without(disk.params, logicalDiskParams(template, filled(template), {}));
  if (json['mode'] === undefined) {
    const { id, sizeMib, location, nodes } = disk;
    return { id, template, sizeMib, location, nodes, params };
  }
  const given = partParams(template, filled(template));
  const parts = disk.parts?.map((part, at) => ({
    ...part,
    params: without(part.params, given[at] ?? {}),
  }));
  return { ...disk, params, ...(parts === undefined ? {} : { parts }) };
}

function without(params: Params, given: Params): Params {
  const own = Object.entries(params).filter(([key, value]) => given[key] !== value);
  return Object.fromEntries(own);
}

/** An instance with all that nodes are told about it. */
export function runtimeOf(
  json: Json,
  disks: readonly Disk[],
  config: ConfigReader,
  secrets: Readonly<Record<string, string>> = {},
): RuntimeInstance {
  const { cluster } = config;
  const instance = decodeInstance(json, disks);
  const { hypervisor, os } = instance;
  const secret = Object.entries(secrets).map(([key, value]) => [key, new Secret(value)] as const);
  return {
    instance,
    hypervisor,
    hvParams: fillHvParams(cluster, hypervisor, os, instance.hvParams),
    beParams: fillBeParams(cluster, instance.beParams),
    osParams: {
      public: fillOsParams(cluster.osParams, os, instance.osParams),
      private: fillOsParams(cluster.osParamsPrivate, os, instance.osParamsPrivate),
      secret: Object.fromEntries(secret),
    },
    nics: instance.nics.map((nic) => {
      const network = config.find('network', nic.networkId ?? '');
      const params = fillNicParams(cluster, nic.params);
      return { ...nic, params, ...(network === undefined ? {} : { network }) };
    }),
    disks,
  };
}
