/** The name resolver port's promises, kept by all resolvers; nobody outside is asked. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { test } from 'vitest';
import { staticResolver } from '../../src/local/resolver/static-resolver.js';
import { type SystemNames, systemResolver } from '../../src/local/resolver/system-resolver.js';
import { systemClock } from '../../src/local/system-clock.js';
import {
  nameResolverContract,
  type NameResolverFixture,
} from '../../src/testing/contracts/name-resolver.js';
import { StubResolver } from '../../src/testing/stub-resolver.js';

const HOST = { name: 'web1.example.com', ip: '192.0.2.1' };
const OPEN = { ip: '192.0.2.1', port: 1811 };

const COMMON: Omit<NameResolverFixture, 'resolver'> = {
  host: HOST,
  shortName: 'web1',
  unknown: 'nowhere.example.com',
  open: OPEN,
  silent: { ip: '192.0.2.2', port: 1811 },
  dispose: () => Promise.resolve(),
};

nameResolverContract({
  test: (name, body) => test(`a list: ${name}`, body),
  make: () =>
    Promise.resolve({ ...COMMON, resolver: staticResolver({ [HOST.name]: HOST.ip }, [OPEN.ip]) }),
});

nameResolverContract({
  test: (name, body) => test(`a stub: ${name}`, body),
  make: () =>
    Promise.resolve({ ...COMMON, resolver: new StubResolver({ [HOST.name]: HOST.ip }, [OPEN.ip]) }),
});

nameResolverContract({
  test: (name, body) => test(`the system: ${name}`, body),
  make: async () => {
    const [server, closed] = [await listening(), await listening()];
    const refusing = addressOf(closed);
    await close(closed);
    return {
      ...COMMON,
      resolver: systemResolver({ clock: systemClock(), system: NAMES }),
      open: addressOf(server),
      refusing,
      // No connection can be made to everybody at once: the system says so without asking anybody.
      silent: { ip: '255.255.255.255', port: 1811 },
      dispose: () => close(server),
    };
  },
});

/** What the system would answer if the host were in its name server. */
const NAMES: SystemNames = {
  address: (name, family) =>
    family === 4 && (name === HOST.name || name === 'web1')
      ? Promise.resolve(HOST.ip)
      : Promise.reject(Object.assign(new Error('not found'), { code: 'ENOTFOUND' })),
  name: () => Promise.resolve(HOST.name),
};

async function listening(): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function addressOf(server: Server): { readonly ip: string; readonly port: number } {
  const { address, port } = server.address() as AddressInfo;
  return { ip: address, port };
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
