/**
 * The resolver of a replay: it knows what was asked when the vector was recorded.
 */
import { PrereqError } from '../../../src/errors.js';
import type { NameResolver, ResolvedHost } from '../../../src/ports/name-resolver.js';
import type { Environment } from '../vectors/types.js';

/** Answers as recorded. */
export class RecordedResolver implements NameResolver {
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  resolve(name: string): Promise<ResolvedHost> {
    const host = this.#environment.hostnames[name];
    if (host !== undefined && !('error' in host)) return Promise.resolve(host);
    const reason = host === undefined ? 'was not asked for in the recording' : 'does not resolve';
    return Promise.reject(new PrereqError(`The name ${name} ${reason}`, 'resolver_error'));
  }

  answers(ip: string, port: number): Promise<boolean> {
    const answer = this.#environment.tcp_ping[`${ip}:${port}`];
    if (answer !== undefined) return Promise.resolve(answer);
    return Promise.reject(new Error(`${ip}:${port} was not asked for in the recording`));
  }
}
