/**
 * Starting and stopping guests.
 *
 * W1 A start that was broken off may have left links to the disks, which the daemon forgets when it
 *    is told to stop what does not run. It takes them away when it is told to close the disks; that
 *    some of these are not there any more is no failure.
 */
import { fillBeParams, fillHvParams, fillNicParams, fillOsParams } from '../../model/fill.js';
import type { HypervisorName } from '../../model/hypervisor.js';
import type { NodeId } from '../../model/ids.js';
import type { Params } from '../../model/params.js';
import type { CallOptions } from '../../ports/call.js';
import type { ConfigReader } from '../../ports/config-store.js';
import type { PowerCommands } from '../../ports/node-rpc.js';
import type { Reply } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import type { NodeCaller } from './caller.js';
import { plainDisk, wireDisk } from './encode-disk.js';
import { plainInstance, wireInstance } from './encode-instance.js';
import { nothing } from './payloads.js';
import type { WireObject, WireValue } from './transport.js';

/** Parameters that override the instance's: never any. Helpers say so by empty lists. */
const OVERRIDES: Readonly<Record<'guest' | 'helper', readonly [WireValue, WireValue]>> = {
  guest: [null, null],
  helper: [[], []],
};

/** The calls. */
export function powerCalls(caller: NodeCaller): PowerCommands {
  const { config, reason } = caller;
  return {
    startInstance: (node, { runtime, paused, purpose = 'guest' }, call) =>
      caller.one(
        node,
        {
          procedure: 'instance_start',
          args: {
            instance_hvp_bep: [plainInstance(runtime), ...OVERRIDES[purpose]],
            startup_paused: paused,
            reason,
          },
          wire: (target) => [wireInstance(runtime, { config, node: target }), paused, reason],
          reads: nothing,
        },
        call,
      ),
    stopInstance: async (node, { name, hypervisor, hvParams, graceMs, ...rest }, call) => {
      const runtime = rest.runtime ?? known(name, config);
      const graceS = Math.ceil(graceMs / 1000);
      const told =
        runtime === undefined ? bare(name, hypervisor, hvParams) : plainInstance(runtime);
      const stopped = await caller.one(
        node,
        {
          procedure: 'instance_shutdown',
          args: { instance: told, timeout: graceS, reason },
          wire: (target) => [
            runtime === undefined ? told : wireInstance(runtime, { config, node: target }),
            graceS,
            reason,
          ],
          reads: nothing,
          extraMs: graceMs,
        },
        call,
      );
      if (!stopped.ok || rest.halfStarted !== true || runtime === undefined) return stopped;
      const closed = await closeDisks(caller, node, runtime, call);
      return closed.ok || closed.failure === 'failed' ? stopped : closed;
    },
  };
}

/** See W1. */
function closeDisks(
  caller: NodeCaller,
  node: NodeId,
  runtime: RuntimeInstance,
  call: CallOptions | undefined,
): Promise<Reply<void>> {
  const { config } = caller;
  const { disks, instance } = runtime;
  const plain = disks.map((disk) => plainDisk(disk, runtime));
  return caller.one(
    node,
    {
      procedure: 'blockdev_close',
      args: { instance_name: instance.name, disks: [plain, plainInstance(runtime)] },
      wire: (target) => [
        instance.name,
        disks.map((disk) => wireDisk(disk, { config, node: target, runtime })),
      ],
      reads: nothing,
    },
    call,
  );
}

/** What is needed of an instance that nobody knows any more, so that it is stopped all the same. */
function bare(name: string, hypervisor: HypervisorName, hvparams: Params): WireObject {
  return { name, hypervisor, hvparams, beparams: {}, nics: [], disks_info: [] };
}

/** An instance out of the configuration, with all parameters. */
function known(name: string, config: ConfigReader): RuntimeInstance | undefined {
  const instance = config.findInstance(name);
  if (instance === undefined) return undefined;
  const { cluster } = config;
  const { hypervisor, os } = instance;
  return {
    instance,
    hypervisor,
    hvParams: fillHvParams(cluster, hypervisor, os, instance.hvParams),
    beParams: fillBeParams(cluster, instance.beParams),
    osParams: {
      public: fillOsParams(cluster.osParams, os, instance.osParams),
      private: fillOsParams(cluster.osParamsPrivate, os, instance.osParamsPrivate),
      secret: {},
    },
    nics: instance.nics.map((nic) => {
      const network =
        nic.networkId === undefined ? undefined : config.find('network', nic.networkId);
      const params = fillNicParams(cluster, nic.params);
      return { ...nic, params, ...(network === undefined ? {} : { network }) };
    }),
    disks: config.disksOf(instance),
  };
}
