/**
 * Host names from a table, so that tests need no resolver.
 */
import { isIP } from 'node:net';
import { PrereqError } from '../errors.js';
import type { NameResolver, ResolvedHost } from '../ports/name-resolver.js';

/**
 * Resolves the names of a table and no others. A short name resolves to the one name that it
 * begins.
 * @public
 */
export class StubResolver implements NameResolver {
  readonly #hosts: Readonly<Record<string, string>>;
  readonly #answering: ReadonlySet<string>;

  /** `hosts`: address by name. `answering`: addresses at which something answers. */
  constructor(hosts: Readonly<Record<string, string>>, answering: readonly string[] = []) {
    this.#hosts = hosts;
    this.#answering = new Set(answering);
  }

  /** Looks a name up. */
  async resolve(name: string, family: 4 | 6, signal?: AbortSignal): Promise<ResolvedHost> {
    await Promise.resolve();
    signal?.throwIfAborted();
    const known = this.#nameOf(name);
    const ip = known === undefined ? undefined : this.#hosts[known];
    if (known === undefined || ip === undefined || isIP(ip) !== family) {
      throw new PrereqError(
        `Host name '${name}' does not resolve (IPv${family})`,
        'resolver_error',
      );
    }
    return { name: known, ip };
  }

  /** Whether something answers at the address. */
  async answers(ip: string, _port: number, signal?: AbortSignal): Promise<boolean> {
    await Promise.resolve();
    signal?.throwIfAborted();
    return this.#answering.has(ip);
  }

  #nameOf(name: string): string | undefined {
    const names = Object.keys(this.#hosts);
    const longer = names.filter((host) => host.startsWith(`${name}.`));
    return names.find((host) => host === name) ?? (longer.length === 1 ? longer[0] : undefined);
  }
}
