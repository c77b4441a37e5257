/** Contracts are worth what they refuse: adapters that are broken in one way each. */
import { expect, test } from 'vitest';
import { MostFreeAllocator } from '../../src/allocators/most-free.js';
import { kvmHypervisor } from '../../src/hypervisors/kvm.js';
import type { NodeId } from '../../src/model/ids.js';
import { Secret } from '../../src/model/secret.js';
import { answered, type Reply } from '../../src/ports/reply.js';
import { allocatorContract } from '../../src/testing/contracts/allocator.js';
import { clockContract } from '../../src/testing/contracts/clock.js';
import type { ContractFixture, PortContract } from '../../src/testing/contracts/declare.js';
import { hookNodesContract } from '../../src/testing/contracts/hook-nodes.js';
import { hypervisorContract } from '../../src/testing/contracts/hypervisor.js';
import { idsContract } from '../../src/testing/contracts/ids.js';
import { nameResolverContract } from '../../src/testing/contracts/name-resolver.js';
import { exportContract, type ExportingFixture } from '../../src/testing/contracts/exports.js';
import { transferContract } from '../../src/testing/contracts/transfers.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { StubResolver } from '../../src/testing/stub-resolver.js';
import { StubTransfers } from '../../src/testing/stub-transfers.js';
import { CERTIFICATE } from '../instance-create/import-support.js';
import { diskAt, runtimeOf } from '../local/hypervisors/runtime.js';

/** The names of the promises that a broken adapter does not keep. */
async function broken<Fixture extends ContractFixture>(
  declare: (contract: PortContract<Fixture>) => void,
  parts: Omit<Fixture, 'dispose'>,
): Promise<readonly string[]> {
  const bodies: [name: string, body: () => Promise<void>][] = [];
  const fixture = { ...parts, dispose: () => Promise.resolve() } as Fixture;
  declare({
    test: (name, body) => void bodies.push([name, body]),
    make: () => Promise.resolve(fixture),
  });
  const names: string[] = [];
  for (const [name, body] of bodies) await body().catch(() => names.push(name));
  return names;
}

test('should notice a clock whose timers cannot be taken back, which counts seconds, or stands still', async () => {
  const clock = new ManualClock();
  const pass = (ms: number): Promise<void> => clock.advance(ms);
  const base = { now: () => clock.now(), monotonic: () => clock.monotonic() };
  const stubborn = {
    ...base,
    timer: (ms: number, fire: () => void) => {
      clock.timer(ms, fire);
      return { cancel: () => undefined };
    },
  };
  const slow = { ...base, now: () => 1e9, timer: clock.timer.bind(clock) };
  const stopped = { ...base, turn: () => 0, timer: clock.timer.bind(clock) };

  expect(await broken(clockContract, { clock: stubborn, pass })).toEqual([
    'clock: given a timer that was taken back, then it never fires',
  ]);
  expect(await broken(clockContract, { clock: slow, pass })).toEqual([
    'clock: should tell the wall-clock time in milliseconds since 1970',
  ]);
  expect(await broken(clockContract, { clock: stopped, pass })).toEqual([
    'clock: should tell times of the turn that never jump back, if it tells turns',
  ]);
});

test('should notice identifiers that repeat, and numbers that are too large', async () => {
  const good = new SeededIds(7);
  const parts = { hex: (n: number) => good.hex(n), integer: (n: number) => good.integer(n) };
  const repeating = { ...parts, uuid: () => '35770f7e-106a-460e-9944-ca832c51e6b5' };
  const large = { ...parts, uuid: () => good.uuid(), integer: (n: number) => good.integer(n) + 1 };

  expect(await broken(idsContract, { ids: repeating })).toEqual([
    'ids: should draw UUIDs of version 4 in lower case, each a fresh one',
  ]);
  expect(await broken(idsContract, { ids: large })).toEqual([
    'ids: should draw whole numbers below the limit, each of them',
  ]);
});

test('should notice a resolver that makes names up, and one that hears nothing', async () => {
  const parts = {
    host: { name: 'web1.example.com', ip: '192.0.2.1' },
    shortName: 'web1',
    unknown: 'nowhere.example.com',
    open: { ip: '192.0.2.1', port: 1811 },
    silent: { ip: '192.0.2.2', port: 1811 },
  };
  const hosts = { 'web1.example.com': '192.0.2.1', 'nowhere.example.com': '192.0.2.9' };

  const liar = new StubResolver(hosts, ['192.0.2.1']);
  expect(await broken(nameResolverContract, { ...parts, resolver: liar })).toEqual([
    'name resolver: given an unknown name, then it says so and names it',
  ]);
  const deaf = new StubResolver({ 'web1.example.com': '192.0.2.1' });
  expect(await broken(nameResolverContract, { ...parts, resolver: deaf })).toEqual([
    'name resolver: should tell addresses that answer from those that do not',
  ]);
});

test('should notice an allocator that always chooses the same node', async () => {
  const allocator = {
    name: 'stubborn',
    allocate: () =>
      Promise.resolve({ found: true as const, nodes: [nodeIdOf('node1')], info: 'as ever' }),
  };

  const names = await broken(allocatorContract, { allocator });

  expect(names).toHaveLength(5);
  expect(await broken(allocatorContract, { allocator: new MostFreeAllocator() })).toEqual([]);
});

test('should notice a hypervisor that accepts everything', async () => {
  const hypervisor = { ...kvmHypervisor(), checkSyntax: () => undefined };

  expect(await broken(hypervisorContract, { hypervisor })).toEqual([
    'hypervisor: should refuse values of a wrong type, and name the parameter',
    'hypervisor: should refuse parameters that do not exist, and name them',
  ]);
});

test('should notice hooks that are said to run but do not', async () => {
  const hooks = {
    runHooks: (nodes: readonly NodeId[]) =>
      Promise.resolve(new Map(nodes.map((node) => [node, answered([])] as const))),
  };
  const node = 'node-1' as NodeId;
  const stranger = 'node-2' as NodeId;

  const names = await broken(hookNodesContract, {
    hooks,
    node,
    stranger,
    put: () => Promise.resolve(),
  });

  expect(names).toHaveLength(5);
});

test('should notice transfers that lose bytes, and daemons that are deaf or never forgotten', async () => {
  const node = nodeIdOf('node1');
  const path = '/srv/exports/web0';
  const exported = { name: 'web0', path, description: '[export]', dump: `${path}/dump0` };
  const exports = new Map([[`${node} ${path}`, exported.description]]);
  const common = {
    node,
    stranger: nodeIdOf('node2'),
    host: '127.0.0.1',
    exported,
    runtime: runtimeOf({ disks: [diskAt('/srv/disk0')] }),
    wait: () => Promise.resolve(),
    isWhole: () => Promise.resolve(true),
  };
  const calls = (): StubTransfers['calls'] =>
    new StubTransfers({ exports, certificate: CERTIFICATE, nodes: [node] }).calls;
  const done = (): Promise<Reply<void>> => Promise.resolve(answered(undefined));

  const lossy = { ...common, rpc: calls(), isWhole: () => Promise.resolve(false) };
  expect(await broken(transferContract, lossy)).toEqual([
    'transfers: should carry contents from one side to the other',
    'transfers: should carry them compressed',
  ]);
  const deaf = { ...common, rpc: { ...calls(), abortTransfer: done } };
  expect(await broken(transferContract, deaf)).toEqual([
    'transfers: given a daemon that is told to stop, then it fails',
    'transfers: given a node that it does not reach, then every call says so',
  ]);
  const eternal = { ...common, rpc: { ...calls(), cleanTransfer: done } };
  expect(await broken(transferContract, eternal)).toEqual([
    'transfers: should carry contents from one side to the other',
    'transfers: should carry them compressed',
    'transfers: given a daemon that is told to stop, then it fails',
    'transfers: given a daemon at work, when it is cleaned up, then it is not known any more',
    'transfers: given unknown daemons, then they have no state, and ending them is done',
    'transfers: given a node that it does not reach, then every call says so',
  ]);
});

test('should notice exports that are never finished, never go, or lose bytes', async () => {
  const node = nodeIdOf('node1');
  const path = '/srv/exports/web0';
  const exported = { name: 'web0', path, description: '[export]', dump: `${path}/dump0` };
  const exports = new Map([[`${node} ${path}`, exported.description]]);
  const yes = (): Promise<boolean> => Promise.resolve(true);
  const common = {
    node,
    stranger: nodeIdOf('node2'),
    host: '127.0.0.1',
    exported,
    runtime: runtimeOf({ disks: [diskAt('/srv/disk0')] }),
    wait: () => Promise.resolve(),
    isWhole: yes,
    holds: yes,
  };
  const calls = (): StubTransfers['calls'] => new StubTransfers({ exports, nodes: [node] }).calls;
  const done = (): Promise<Reply<void>> => Promise.resolve(answered(undefined));

  expect(await broken(exportContract, { ...common, rpc: calls() })).toEqual([]);
  // What one check has left is in the way of those that follow.
  const first = async (parts: Partial<ExportingFixture>): Promise<string | undefined> =>
    (await broken(exportContract, { ...common, rpc: calls(), ...parts }))[0];
  const made = 'exports: should make an export of what was received';
  expect(await first({ holds: () => Promise.resolve(false) })).toBe(made);
  expect(await first({ rpc: { ...calls(), finalizeExport: done } })).toBe(made);
  expect(await first({ rpc: { ...calls(), removeExport: done } })).toBe(made);
  const good = calls();
  const description = new Secret('of something else');
  const careless: ExportingFixture['rpc'] = {
    ...good,
    finalizeExport: (at, request, call) =>
      good.finalizeExport(at, { ...request, description }, call),
  };
  expect(await first({ rpc: careless })).toBe(made);
});
