/**
 * What Ganeti's real export of two disks needs to be imported here, and what an instance needs to
 * be exported like it: a network, a bridge, and an OS definition with parameters. And what a failed
 * import or export may not change.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LuError } from '../../src/index.js';
import type { NetworkId } from '../../src/model/ids.js';
import type { Network } from '../../src/model/network.js';
import type { ConfigWorld } from '../../src/testing/contracts/config-world.js';
import { makeGroup } from '../../src/testing/make.js';
import { define, type Files } from '../local/os/definitions.js';
import { openDescriptors } from '../local/process/scratch.js';
import type { Lab } from './lab.js';

/** The network that the first card belongs to. */
export const NETWORK: Network = {
  id: 'e6f3d3de-7e20-4975-a72b-73b266e76a89' as NetworkId,
  name: 'net1',
  cidr: '10.20.30.0/24',
  gateway: '10.20.30.1',
  macPrefix: 'aa:bb:cc',
  reservedIps: ['10.20.30.0', '10.20.30.1', '10.20.30.255'],
  serial: 1,
  createdAtMs: 0,
  modifiedAtMs: 0,
  tags: [],
};

/** The network, connected by a bridge. */
export function networkWorld(): Partial<ConfigWorld> {
  const group = makeGroup({
    networks: { [NETWORK.id]: { mode: 'bridged', link: 'br0', vlan: '' } },
  });
  return { networks: [NETWORK], groups: [group] };
}

/** The bridge, and the OS `dumpos+v1`, whose scripts hand contents on as they are. */
export async function putBridgeAndOs(dir: string, scripts: Files = {}): Promise<void> {
  await mkdir(join(dir, 'net/br0/bridge'), { recursive: true });
  await define(join(dir, 'os'), 'dumpos', {
    'variants.list': 'v1\n',
    'parameters.list': 'dhcp\nfs\nroot_pw\n',
    import: 'cat > "$IMPORT_DEVICE"',
    export: 'cat "$EXPORT_DEVICE"',
    ...scripts,
  });
}

/** All there is, on disk and in this process. */
export async function whole(lab: Lab): Promise<object> {
  const sockets = process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP'));
  const marks = await readdir(join(lab.dir, 'log', '.running')).catch(() => []);
  return { ...(await lab.state()), descriptors: await openDescriptors(), sockets, marks };
}

/** The error of work that has to be refused, or to fail in a typed way. */
export async function refusalOf(work: Promise<unknown>): Promise<LuError> {
  const error = await work.then(
    () => new Error('it was not refused'),
    (reason: unknown) => reason,
  );
  if (LuError.is(error)) return error;
  throw error instanceof Error ? error : new Error('it was refused with something else');
}
