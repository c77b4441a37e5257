/**
 * One of the two processes: creates the instances that it is told on its command line, one after
 * the other, and tells its parent what happens.
 *
 *   node worker.js ENDPOINT DIR OS_DEFINITIONS INSTANCE…
 */
import { LUInstanceCreate, type OpenCluster } from 'logical-units';
import { openSharedSite } from './site.js';

const [endpoint = '', dir = '', osDefinitions = '', ...names] = process.argv.slice(2);

const site = await openSharedSite({ endpoint, dir, osDefinitions }, ({ what, undone }) =>
  tell(`finished the work of a dead process: ${what ?? '?'}; undone: ${undone.join(', ')}`),
);
tell('ready');
await told('go');
for (const name of names) await create(site.cluster, name);
tell('done');
await told('end');
const all = [...site.cluster.config.all('instance')].map(({ name }) => name);
tell(`sees ${all.sort().join(', ')}`);
await site.close();
process.disconnect();

async function create(cluster: OpenCluster, instanceName: string): Promise<void> {
  const op = {
    mode: 'create',
    instanceName,
    diskTemplate: 'file',
    disks: [{ size: 64 }],
    nics: [],
    osType: 'hello',
    osParams: { greeting: `Hello from ${instanceName}` },
    pnode: 'localhost',
    nameCheck: false,
    ipCheck: false,
  } as const;
  await cluster.run(new LUInstanceCreate(), op, {
    onReport: (event) => {
      if (event.type === 'step') tell(`${instanceName}: ${event.message}`);
      else if (event.type === 'lockWait') tell(`${instanceName}: waits at ${event.level}`);
    },
  });
  tell(`created ${instanceName}`);
}

function tell(line: string): void {
  process.send?.(line);
}

function told(word: string): Promise<void> {
  return new Promise((resolve) => {
    process.on('message', (message) => {
      if (message === word) resolve();
    });
  });
}
