/**
 * What every name resolver promises, as tests that its author runs with any test runner. Owns no
 * names: the fixture says which there are.
 */
import assert from 'node:assert/strict';
import type { NameResolver, ResolvedHost } from '../../ports/name-resolver.js';
import { type Checks, type ContractFixture, declareChecks, type PortContract } from './declare.js';
import { fails } from './fails.js';

/**
 * A resolver to be tried.
 * @public
 */
export interface NameResolverFixture extends ContractFixture {
  /** The resolver. */
  readonly resolver: NameResolver;
  /** A host that it knows, with an IPv4 address and no IPv6 address. */
  readonly host: ResolvedHost;
  /** A short name of that host. */
  readonly shortName: string;
  /** A name that it does not know. */
  readonly unknown: string;
  /** Where something takes connections. */
  readonly open: { readonly ip: string; readonly port: number };
  /** Where something refuses them; absent if the resolver cannot tell. */
  readonly refusing?: { readonly ip: string; readonly port: number };
  /** Where nothing answers. */
  readonly silent: { readonly ip: string; readonly port: number };
}

/**
 * Declares the tests of the name resolver port's promises.
 * @public
 */
export function nameResolverContract(contract: PortContract<NameResolverFixture>): void {
  declareChecks('name resolver', CHECKS, contract);
}

const CHECKS: Checks<NameResolverFixture> = {
  'should find a host with its full name and its address': async (fixture) => {
    const { resolver, host, shortName } = fixture;
    assert.deepEqual(await resolver.resolve(host.name, 4), host);
    assert.deepEqual(await resolver.resolve(shortName, 4), host);
  },

  'given an unknown name, then it says so and names it': async ({ resolver, unknown }) => {
    const asked = resolver.resolve(unknown, 4);
    await assert.rejects(asked, fails('resolver_error'));
    await assert.rejects(asked, (error: Error) => error.message.includes(unknown));
  },

  'given a host without an address of the family, then it says so': async ({ resolver, host }) => {
    await assert.rejects(resolver.resolve(host.name, 6), fails('resolver_error'));
  },

  'should tell addresses that answer from those that do not': async (fixture) => {
    const { resolver, open, refusing, silent } = fixture;
    assert.equal(await resolver.answers(open.ip, open.port), true);
    assert.equal(await resolver.answers(silent.ip, silent.port), false);
    if (refusing === undefined) return;
    assert.equal(await resolver.answers(refusing.ip, refusing.port), true, 'who refuses is there');
  },

  'given a caller who gave up, then its reason is the error': async (fixture) => {
    const { resolver, host, open } = fixture;
    const reason = new Error('changed my mind');
    const signal = AbortSignal.abort(reason);
    await assert.rejects(resolver.resolve(host.name, 4, signal), reason);
    await assert.rejects(resolver.answers(open.ip, open.port, signal), reason);
  },
};
