/**
 * Host names from a table, so that tests need no resolver.
 */
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
  resolve(name: string): Promise<ResolvedHost> {
    const known = Object.keys(this.#hosts).find(
      (host) => host === name || host.startsWith(`${name}.`),
    );
    const ip = known === undefined ? undefined : this.#hosts[known];
    return known === undefined || ip === undefined
      ? Promise.reject(new PrereqError(`Host name '${name}' does not resolve`, 'resolver_error'))
      : Promise.resolve({ name: known, ip });
  }

  /** Whether something answers at the address. */
  answers(ip: string): Promise<boolean> {
    return Promise.resolve(this.#answering.has(ip));
  }
}
