/**
 * From an installed Ganeti node to an instance: docs/ganeti.md says what to prepare.
 *
 *   npm run build && npm run build:examples
 *   node build/examples/ganeti/main.js create web1.example.com --node node1.example.com=192.0.2.1
 */
import {
  allHypervisors,
  type ConfigReader,
  createOpSchema,
  initConfig,
  instanceUndoActions,
  type KvStore,
  LuError,
  LUInstanceCreate,
  LUInstanceRemove,
  type OpenCluster,
  openCluster,
  parseOp,
} from 'logical-units';
import { GanetiNodes, HttpsTransport, readConfigFile, readCredentials } from 'logical-units/ganeti';
import { openLmdb } from 'logical-units/lmdb';
import { systemClock, systemIds, systemResolver } from 'logical-units/local';
import { firstCluster } from './first-cluster.js';
import { type Options, readOptions, USAGE } from './options.js';

const given = readOptions(process.argv.slice(2));
if (given === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  await main(given).catch((error: unknown) => {
    if (!LuError.is(error)) throw error;
    process.stderr.write(`${error.name}: ${error.message}\n`);
    process.exitCode = 1;
  });
}

async function main({ dir, client, cluster: ours, ...options }: Options): Promise<void> {
  const clock = systemClock();
  const credentials = await readCredentials({ client, cluster: ours });
  const store = await openLmdb({ path: dir });
  try {
    await makeOnce(store, options);
    const transport = new HttpsTransport({ credentials, clock });
    const nodes = (config: ConfigReader): GanetiNodes => new GanetiNodes({ transport, config });
    const cluster = await openCluster({
      ...{ store, clock, ids: systemIds(), rpc: nodes, hooks: nodes },
      resolver: systemResolver({ clock }),
      hypervisors: allHypervisors(),
      undoActions: instanceUndoActions,
    });
    await cluster.recover();
    await (options.action === 'create' ? create(cluster, options) : remove(cluster, options));
    await cluster.close();
  } finally {
    await store.close();
  }
}

/** The first run makes the configuration; later ones find it. */
async function makeOnce(store: KvStore, { node, config }: Pick<Options, 'node' | 'config'>) {
  if ((await store.range('')).entries.length > 0) return;
  const first = config === undefined ? firstCluster(node) : await readConfigFile(config);
  await initConfig({ store, clock: systemClock(), keepStamps: true, ...first });
}

type Wish = Pick<Options, 'instanceName' | 'on' | 'os' | 'hypervisor' | 'disk'>;

async function create(cluster: OpenCluster, { instanceName, ...wish }: Wish): Promise<void> {
  const { config } = cluster;
  const op = parseOp(createOpSchema, {
    ...{ instanceName, mode: 'create', diskTemplate: 'file', nameCheck: false, ipCheck: false },
    pnode: wish.on ?? config.node(config.cluster.masterNode).name,
    ...{ osType: wish.os, hypervisor: wish.hypervisor, disks: [{ size: wish.disk }], nics: [{}] },
  });
  const nodes = await cluster.run(new LUInstanceCreate(), op);
  process.stdout.write(`${instanceName} runs on ${nodes.join(', ')}\n`);
}

async function remove(cluster: OpenCluster, { instanceName }: Wish): Promise<void> {
  await cluster.run(new LUInstanceRemove(), { instanceName });
  process.stdout.write(`${instanceName} is removed\n`);
}
