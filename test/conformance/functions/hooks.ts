/**
 * The environment of hooks.
 */
import { decodeBeParams } from '../../../src/ganeti/objects/be-params.js';
import { decodeNetwork } from '../../../src/ganeti/objects/network.js';
import { type HookInstance, instanceEnv } from '../../../src/hooks/instance-env.js';
import type { BeParams } from '../../../src/model/be-params.js';
import type { NetworkId, NicId } from '../../../src/model/ids.js';
import type { Network } from '../../../src/model/network.js';
import type { NicMode } from '../../../src/model/nic.js';
import type { RuntimeNic } from '../../../src/ports/runtime.js';
import { hookDisk, oddDrivers, type WireDisk } from './hook-disks.js';
import type { FunctionTable } from './types.js';

type WireNic = readonly [
  name: string | null,
  id: string,
  ip: string | null,
  mac: string,
  mode: NicMode,
  link: string,
  vlan: string,
  networkId: string | null,
  network: object | null,
];

type BeWire = Parameters<typeof decodeBeParams>[0];

/** The functions. */
export const TABLE: FunctionTable = {
  BuildInstanceHookEnv: (args) => {
    const memory = {
      minMemMib: args.get<number>('minmem'),
      maxMemMib: args.get<number>('maxmem'),
      vcpus: args.get<number>('vcpus'),
    };
    const disks = args.get<readonly WireDisk[]>('disks');
    const os = args.maybe<string>('os_type');
    const own = decodeBeParams(args.get<BeWire>('bep')) as BeParams;
    const instance: HookInstance = {
      name: args.get('name'),
      primary: args.get('primary_node_name'),
      secondaries: args.get('secondary_node_names'),
      ...(os === undefined ? {} : { os }),
      status: args.get('status'),
      hypervisor: args.get('hypervisor_name'),
      hvParams: args.get('hvp'),
      beParams: { ...own, ...memory },
      diskTemplate: args.get('disk_template'),
      disks: disks.map(hookDisk),
      nics: args.get<readonly WireNic[]>('nics').map(nicOf),
      tags: args.get('tags'),
    };
    // The recorded table tells memory apart from the backend parameters; ours are one.
    const be = instanceEnv({ ...instance, beParams: own });
    return { ...instanceEnv(instance), ...onlyBe(be), ...oddDrivers(disks) };
  },
};

function onlyBe(env: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(env).filter(([key]) => key.startsWith('INSTANCE_BE_')));
}

function nicOf([name, id, ip, mac, mode, link, vlan, networkId, network]: WireNic): RuntimeNic {
  return {
    id: id as NicId,
    mac,
    params: { mode, link, vlan },
    ...(name === null ? {} : { name }),
    ...(ip === null ? {} : { ip }),
    ...(networkId === null ? {} : { networkId: networkId as NetworkId }),
    ...(network === null ? {} : { network: networkOf(network) }),
  };
}

function networkOf(wire: object): Network {
  const stored = { serial_no: 1, ctime: 0, mtime: 0, reservations: '', ext_reservations: '' };
  return decodeNetwork({ ...stored, ...wire }, []);
}
