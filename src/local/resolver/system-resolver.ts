/**
 * Host names through the system's resolver (its hosts file, name servers and whatever else it is
 * set up with), and addresses by trying to connect to them.
 *
 * Node does not pass on the canonical name that the system's resolver finds. For a short name the
 * name that belongs to the address takes its place, if it is the short name with a domain.
 */
import { lookup, lookupService } from 'node:dns/promises';
import { connect } from 'node:net';
import { PrereqError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { NameResolver, ResolvedHost } from '../../ports/name-resolver.js';
import { codeOf } from '../paths/errno.js';
import { CallEnded, CallLimit } from '../process/limit.js';

/**
 * What {@link systemResolver} needs.
 * @public
 */
export interface SystemResolverOptions {
  /** For time limits. */
  readonly clock: Clock;
  /** Most time for looking a name up, milliseconds. Default 30,000. */
  readonly lookupTimeoutMs?: number;
  /** How long an address may take to answer, milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Looks up addresses and names; default: the system's. For tests. */
  readonly system?: SystemNames;
}

/**
 * The two questions that the system's resolver is asked.
 * @public
 */
export interface SystemNames {
  /** The address of a name. Rejects with the system's error. */
  address(name: string, family: 4 | 6): Promise<string>;
  /** The name of an address. Rejects if it has none. */
  name(address: string): Promise<string>;
}

const SYSTEM: SystemNames = {
  address: async (name, family) => (await lookup(name, { family })).address,
  name: async (address) => (await lookupService(address, 0)).hostname,
};

/**
 * The system's resolver. `resolve` rejects with `PrereqError` `resolver_error` that names the host;
 * an aborted call rejects with the signal's reason.
 * @public
 */
export function systemResolver(options: SystemResolverOptions): NameResolver {
  const { clock, connectTimeoutMs = 10_000, lookupTimeoutMs = 30_000, system = SYSTEM } = options;
  return {
    resolve: async (name, family, signal) => {
      const limit = new CallLimit(clock, { signal, timeoutMs: lookupTimeoutMs });
      try {
        limit.check();
        return await Promise.race([resolveWith(system, name, family), ended(limit)]);
      } catch (error) {
        signal?.throwIfAborted();
        throw explain(name, family, error);
      } finally {
        limit.dispose();
      }
    },
    answers: async (ip, port, signal) => {
      const limit = new CallLimit(clock, { signal, timeoutMs: connectTimeoutMs });
      try {
        const answer = await tryToConnect(ip, port, limit.signal);
        signal?.throwIfAborted();
        return answer;
      } finally {
        limit.dispose();
      }
    },
  };
}

async function resolveWith(
  system: SystemNames,
  name: string,
  family: 4 | 6,
): Promise<ResolvedHost> {
  const ip = await system.address(name, family);
  if (name.includes('.')) return { name, ip };
  const full = await system.name(ip).catch(() => name);
  const isLonger = full.toLowerCase().startsWith(`${name.toLowerCase()}.`);
  return { name: isLonger ? full : name, ip };
}

function ended(limit: CallLimit): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => reject(new CallEnded(limit.end ?? 'aborted'));
    limit.signal.addEventListener('abort', end, { once: true });
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such name is known; check the spelling, or add it to the name server',
  ENODATA: 'the name has no address of that kind',
  EAI_AGAIN: 'the name server does not answer; try again later',
};

function explain(name: string, family: 4 | 6, error: unknown): PrereqError {
  const code = codeOf(error);
  const known = code === undefined ? undefined : REASONS[code];
  const reason = known ?? (error instanceof Error ? error.message : String(error));
  const message = `Host '${name}' has no IPv${family} address: ${reason}`;
  return new PrereqError(message, 'resolver_error', { cause: error });
}

/** Somebody who refuses is there as well. */
async function tryToConnect(ip: string, port: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const socket = connect({ host: ip, port });
  const give = (answer: boolean, resolve: (answer: boolean) => void): void => {
    resolve(answer);
    socket.destroy();
  };
  return new Promise((resolve) => {
    socket.once('connect', () => give(true, resolve));
    socket.on('error', (error) => give(codeOf(error) === 'ECONNREFUSED', resolve));
    signal.addEventListener('abort', () => give(false, resolve), { once: true });
  });
}
