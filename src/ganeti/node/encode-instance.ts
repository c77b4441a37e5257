/**
 * Instances as node daemons get them: everything filled in, nothing to look up.
 */
import type { Instance } from '../../model/instance.js';
import type { NodeId } from '../../model/ids.js';
import type { ConfigReader } from '../../ports/config-store.js';
import type { RuntimeInstance, RuntimeNic } from '../../ports/runtime.js';
import { encodeInstance } from '../objects/instance.js';
import { encodeNic } from '../objects/nic.js';
import { wireDisk } from './encode-disk.js';
import { wireNetwork } from './encode-network.js';
import type { WireObject } from './transport.js';

/** What an encoding depends on, besides the instance. */
export interface InstanceView {
  readonly config: ConfigReader;
  /** The node that is called. */
  readonly node: NodeId;
}

/** The instance as the configuration holds it. One that is not in there has no disks there. */
export function plainInstance({ instance }: RuntimeInstance): WireObject {
  return sealed(instance.serial === 0 ? { ...instance, diskIds: [] } : instance);
}

/**
 * The instance as `view.node` gets it. Private OS parameters are the instance's own only: Ganeti
 * fills the public ones.
 */
export function wireInstance(runtime: RuntimeInstance, view: InstanceView): WireObject {
  return {
    ...sealed(filledInstance(runtime)),
    nics: runtime.nics.map((nic) => wireNic(nic, view.config)),
    secondary_nodes: runtime.instance.secondaryNodes,
    disks_info: runtime.disks.map((disk) => wireDisk(disk, { ...view, runtime })),
  };
}

/** The same for OS scripts: secret parameters are among the others. */
export function wireInstanceForOs(runtime: RuntimeInstance, view: InstanceView): WireObject {
  const { public: shown, secret } = runtime.osParams;
  return { ...wireInstance(runtime, view), osparams: { ...shown, ...secret } };
}

/** With private parameters closed. */
function sealed(instance: Instance): WireObject {
  const { osParamsPrivate } = instance;
  return {
    ...encodeInstance({ ...instance, osParamsPrivate: {} }),
    osparams_private: osParamsPrivate,
  };
}

function filledInstance({
  instance,
  hypervisor,
  hvParams,
  beParams,
  osParams,
}: RuntimeInstance): Instance {
  return {
    ...instance,
    hypervisor,
    hvParams,
    beParams,
    osParams: osParams.public,
  };
}

function wireNic({ network, ...nic }: RuntimeNic, config: ConfigReader): WireObject {
  const encoded = encodeNic(nic);
  return network === undefined ? encoded : { ...encoded, netinfo: wireNetwork(network, config) };
}
