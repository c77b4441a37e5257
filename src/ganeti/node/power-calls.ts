/**
 * Starting and stopping guests.
 */
import { fillBeParams, fillHvParams, fillNicParams, fillOsParams } from '../../model/fill.js';
import type { ConfigReader } from '../../ports/config-store.js';
import type { PowerCommands } from '../../ports/node-rpc.js';
import { failed } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import type { NodeCaller } from './caller.js';
import { plainInstance, wireInstance } from './encode-instance.js';
import { nothing } from './payloads.js';
import type { WireValue } from './transport.js';

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
    stopInstance: (node, { name, graceMs, runtime = known(name, config) }, call) => {
      if (runtime === undefined) return Promise.resolve(failed(unknown(name)));
      const graceS = Math.ceil(graceMs / 1000);
      return caller.one(
        node,
        {
          procedure: 'instance_shutdown',
          args: { instance: plainInstance(runtime), timeout: graceS, reason },
          wire: (target) => [wireInstance(runtime, { config, node: target }), graceS, reason],
          reads: nothing,
          extraMs: graceMs,
        },
        call,
      );
    },
  };
}

function unknown(name: string): string {
  return `instance ${name} is not in the configuration, so the node cannot be told what to stop`;
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
