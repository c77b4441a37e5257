/**
 * What the example is told on its command line.
 */
import { parseArgs } from 'node:util';

export const USAGE = `usage: main.js create|remove INSTANCE [options]

  --dir DIR          where configuration and journal are kept (var/ganeti)
  --node NAME=IP     a node of a new cluster; repeat it for more, the first one leads
  --config FILE      in place of --node: the config.data of a cluster that is taken over
  --client FILE      key and certificate of the caller (/var/lib/ganeti/client.pem)
  --cluster FILE     the cluster's certificate (/var/lib/ganeti/server.pem)
  --on NAME          the node that the instance shall run on (the one that leads)
  --os NAME          its OS (noop)
  --hypervisor NAME  its hypervisor (fake)
  --disk SIZE        size of its disk (1G)

--node and --config are for the first run; later ones know the cluster.
`;

/** The command line. */
export type Options = NonNullable<ReturnType<typeof readOptions>>;

/** Reads the command line; `undefined` if it makes no sense. */
export function readOptions(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      dir: { type: 'string', default: 'var/ganeti' },
      node: { type: 'string', multiple: true, default: [] },
      config: { type: 'string' },
      client: { type: 'string', default: '/var/lib/ganeti/client.pem' },
      cluster: { type: 'string', default: '/var/lib/ganeti/server.pem' },
      on: { type: 'string' },
      os: { type: 'string', default: 'noop' },
      hypervisor: { type: 'string', default: 'fake' },
      disk: { type: 'string', default: '1G' },
    },
  });
  const [action, instanceName, ...more] = positionals;
  const isKnown = action === 'create' || action === 'remove';
  if (!isKnown || instanceName === undefined || more.length > 0) return undefined;
  return { ...values, action, instanceName } as const;
}
