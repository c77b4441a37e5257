/** Host names and addresses, without asking anybody outside of this machine. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { PrereqError } from '../../../src/errors.js';
import { staticResolver } from '../../../src/local/resolver/static-resolver.js';
import { type SystemNames, systemResolver } from '../../../src/local/resolver/system-resolver.js';
import { systemClock } from '../../../src/local/system-clock.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';

const LIST = {
  'web1.example.com': '192.0.2.1',
  'web2.example.com': ['2001:db8::2', '192.0.2.2'],
  'db.one.example.com': '192.0.2.3',
  'db.two.example.com': '192.0.2.4',
};

test('should resolve listed names, with and without their domain', async () => {
  const resolver = staticResolver(LIST);

  expect(await resolver.resolve('web1', 4)).toEqual({ name: 'web1.example.com', ip: '192.0.2.1' });
  expect(await resolver.resolve('WEB2.example.com', 6)).toEqual({
    name: 'web2.example.com',
    ip: '2001:db8::2',
  });
});

test.each([
  ['unknown', 4, /'unknown'.*not on the list/],
  ['db', 4, /'db'.*several hosts/],
  ['web1', 6, /'web1' has no IPv6 address/],
  ['web', 4, /'web'.*not on the list/],
] as const)(
  'given %s for IPv%d, when looked up in a list, then it is refused',
  async (name, family, message) => {
    const error = await caught(staticResolver(LIST).resolve(name, family));

    expect(error).toBeInstanceOf(PrereqError);
    expect(error).toMatchObject({ code: 'resolver_error' });
    expect(String(error)).toMatch(message);
  },
);

test('should let listed addresses answer and no others', async () => {
  const resolver = staticResolver(LIST, ['192.0.2.1']);

  expect(await resolver.answers('192.0.2.1', 1811)).toBe(true);
  expect(await resolver.answers('192.0.2.2', 1811)).toBe(false);
});

test('should resolve what every machine knows', async () => {
  const resolver = systemResolver({ clock: systemClock() });

  expect((await resolver.resolve('localhost', 4)).ip).toBe('127.0.0.1');
});

test('given a short name, when its address has a longer one, then that is its name', async () => {
  const resolve = (name: string, reverse: string): Promise<string> =>
    systemResolver({ clock: systemClock(), system: names({ reverse }) })
      .resolve(name, 4)
      .then((host) => host.name);

  expect(await resolve('web1', 'web1.example.com')).toBe('web1.example.com');
  expect(await resolve('web1', 'gateway.example.com')).toBe('web1');
  expect(await resolve('web1.example.com', 'other.example.com')).toBe('web1.example.com');
});

test('given an unknown name, when resolved, then the error names it and says what to do', async () => {
  const unknown = Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
  const system = names({ address: () => Promise.reject(unknown) });

  const error = await caught(
    systemResolver({ clock: systemClock(), system }).resolve('nowhere.example.com', 4),
  );

  expect(error).toBeInstanceOf(PrereqError);
  expect(error).toMatchObject({ code: 'resolver_error', cause: unknown });
  expect(String(error)).toMatch(/'nowhere\.example\.com'.*check the spelling/);
});

test('given a name server that does not answer, when time is up, then it is a resolver error', async () => {
  const clock = new ManualClock();
  const system = names({ address: () => new Promise(() => undefined) });
  const resolver = systemResolver({ clock, system, lookupTimeoutMs: 100 });

  const resolving = caught(resolver.resolve('slow.example.com', 4));
  await clock.advance(100);

  expect(await resolving).toMatchObject({ name: 'PrereqError', code: 'resolver_error' });
  expect(String(await resolving)).toContain('slow.example.com');
  expect(clock.timers).toBe(0);
});

test('given a caller who gives up, when resolving, then its reason is the error', async () => {
  const clock = new ManualClock();
  const system = names({ address: () => new Promise(() => undefined) });
  const caller = new AbortController();

  const resolving = caught(
    systemResolver({ clock, system }).resolve('x.example.com', 4, caller.signal),
  );
  caller.abort(new Error('changed my mind'));

  expect(String(await resolving)).toContain('changed my mind');
  expect(clock.timers).toBe(0);
});

test('given a port that takes connections or refuses them, then the address answers', async () => {
  const server = createServer((socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const resolver = systemResolver({ clock: systemClock() });

  expect(await resolver.answers('127.0.0.1', port)).toBe(true);
  server.close();
  await once(server, 'close');
  expect(await resolver.answers('127.0.0.1', port)).toBe(true);
});

test('given an address that is not fast enough, when time is up, then it does not answer', async () => {
  const server = createServer((socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clock = new ManualClock();
  const resolver = systemResolver({ clock, connectTimeoutMs: 100 });

  // Here time passes before the system gets a chance to connect.
  const asking = resolver.answers('127.0.0.1', port);
  await clock.advance(100);

  expect(await asking).toBe(false);
  expect(clock.timers).toBe(0);
  server.close();
});

function names(parts: { reverse?: string; address?: SystemNames['address'] }): SystemNames {
  return {
    address: parts.address ?? (() => Promise.resolve('192.0.2.1')),
    name: () => Promise.resolve(parts.reverse ?? ''),
  };
}

function caught(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
