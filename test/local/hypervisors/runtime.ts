/** An instance as a node is told about it, for tests of drivers. */
import { HYPERVISOR_PARAMS } from '../../../src/model/hypervisor-params.js';
import { BE_DEFAULTS } from '../../../src/model/be-params.js';
import type { Disk } from '../../../src/model/disk.js';
import type { HypervisorName } from '../../../src/model/hypervisor.js';
import type { DiskId, InstanceId, NicId, NodeId } from '../../../src/model/ids.js';
import type { Instance } from '../../../src/model/instance.js';
import { NIC_DEFAULTS } from '../../../src/model/nic.js';
import type { Params } from '../../../src/model/params.js';
import type { RuntimeInstance, RuntimeNic } from '../../../src/ports/runtime.js';

const STORED = { serial: 1, createdAtMs: 0, modifiedAtMs: 0, tags: [] };

export interface Wish {
  readonly name?: string;
  readonly hypervisor?: HypervisorName;
  readonly hvParams?: Params;
  readonly memoryMib?: number;
  readonly minMemMib?: number;
  readonly vcpus?: number;
  readonly disks?: readonly Disk[];
  readonly nics?: readonly RuntimeNic[];
}

/** The instance, with the parameters of a new cluster where nothing else is wished. */
export function runtimeOf(wish: Wish = {}): RuntimeInstance {
  const { hypervisor = 'kvm', memoryMib = 32, disks = [], nics = [] } = wish;
  const table = Object.entries(HYPERVISOR_PARAMS[hypervisor]);
  const defaults = Object.fromEntries(table.map(([name, spec]) => [name, spec.default]));
  const noKernel = hypervisor === 'kvm' ? { kernel_path: '' } : {};
  return {
    instance: instanceOf(wish.name ?? 'web1.example.com', hypervisor, disks, nics),
    hypervisor,
    hvParams: { ...defaults, ...noKernel, ...wish.hvParams },
    beParams: {
      ...BE_DEFAULTS,
      maxMemMib: memoryMib,
      minMemMib: wish.minMemMib ?? memoryMib,
      vcpus: wish.vcpus ?? 1,
    },
    osParams: { public: {}, private: {}, secret: {} },
    nics,
    disks,
  };
}

/** A disk that is a file. */
export function diskAt(path: string, index = 0, sizeMib = 1): Disk {
  return {
    ...STORED,
    id: `disk-${index}` as DiskId,
    instanceId: 'inst-1' as InstanceId,
    index,
    template: 'file',
    sizeMib,
    mode: 'rw',
    location: { kind: 'file', driver: 'loop', path },
    params: {},
    nodes: [],
  };
}

/** A bridged network card. */
export function nicWith(params: Partial<RuntimeNic['params']> = {}, index = 0): RuntimeNic {
  const mac = `aa:00:00:00:00:0${index + 1}`;
  return { id: `nic-${index}` as NicId, mac, params: { ...NIC_DEFAULTS, ...params } };
}

function instanceOf(
  name: string,
  hypervisor: HypervisorName,
  disks: readonly Disk[],
  nics: readonly RuntimeNic[],
): Instance {
  return {
    ...STORED,
    id: '6d1ee3a5-7e21-4f3c-9f0e-0b6a3c9a7b11' as InstanceId,
    name,
    primaryNode: 'node-1' as NodeId,
    secondaryNodes: [],
    hypervisor,
    hvParams: {},
    beParams: {},
    osParams: {},
    osParamsPrivate: {},
    adminState: 'up',
    nics,
    diskIds: disks.map((disk) => disk.id),
    diskTemplate: disks.length === 0 ? 'diskless' : 'file',
    disksActive: true,
  };
}
