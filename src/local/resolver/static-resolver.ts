/**
 * Host names from a list, where no name server knows them: for trials, examples and tests.
 */
import { isIP } from 'node:net';
import { PrereqError } from '../../errors.js';
import type { NameResolver, ResolvedHost } from '../../ports/name-resolver.js';

/**
 * Resolves exactly the names of the list, and those names without their domain, as long as only one
 * host is meant. `resolve` rejects with `PrereqError` `resolver_error` for all others. No address
 * answers but those listed as `answering`.
 * @param hosts - addresses by fully qualified name.
 * @public
 */
export function staticResolver(
  hosts: Readonly<Record<string, string | readonly string[]>>,
  answering: readonly string[] = [],
): NameResolver {
  return {
    resolve: (name, family, signal) =>
      new Promise<ResolvedHost>((resolve) => {
        signal?.throwIfAborted();
        resolve(find(hosts, name, family));
      }),
    answers: (ip, _port, signal) =>
      new Promise<boolean>((resolve) => {
        signal?.throwIfAborted();
        resolve(answering.includes(ip));
      }),
  };
}

function find(
  hosts: Readonly<Record<string, string | readonly string[]>>,
  name: string,
  family: 4 | 6,
): ResolvedHost {
  const wanted = name.toLowerCase();
  const names = Object.keys(hosts);
  const exact = names.filter((host) => host.toLowerCase() === wanted);
  const short = names.filter((host) => host.toLowerCase().startsWith(`${wanted}.`));
  const [host, another] = exact.length > 0 ? exact : short;
  if (host === undefined || another !== undefined) {
    const reason =
      host === undefined ? 'it is not on the list of hosts' : 'several hosts are meant';
    throw new PrereqError(`Host '${name}' cannot be resolved: ${reason}`, 'resolver_error');
  }
  const ip = [hosts[host] ?? []].flat().find((address) => isIP(address) === family);
  if (ip !== undefined) return { name: host, ip };
  throw new PrereqError(`Host '${name}' has no IPv${family} address on the list`, 'resolver_error');
}
