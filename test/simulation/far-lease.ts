/**
 * A process's lease across the network: the calls on which the real membership lives.
 */
import { ConfigError } from '../../src/errors.js';
import type { LeaseClient } from '../../src/etcd/join-etcd.js';
import type { CallRules } from '../../src/etcd/client/etcd-calls.js';
import { sleep } from '../../src/ports/clock.js';
import { ask, type Line, NoAnswer } from './far-call.js';
import { NoLeader } from './store-server.js';

const PATIENCE: Omit<CallRules, 'repeatable'> = { timeoutMs: 6000, attemptMs: 2000 };

/** The calls, as one process makes them. */
export function farLeases(line: Line): LeaseClient {
  const { server } = line;
  return {
    grantLease: async (ttlSeconds) => {
      const id = await insist(line, PATIENCE, () => server.grant(ttlSeconds * 1000));
      return { id, ttlSeconds };
    },
    keepLease: (id, rules = PATIENCE) => insist(line, rules, () => server.keep(id) / 1000),
    revokeLease: (id, rules = PATIENCE) => insist(line, rules, () => server.revoke(id)),
    txn: (compare, ops, rules = { repeatable: true, ...PATIENCE }) =>
      insist(line, rules, () => {
        for (const { key, lease } of ops.flatMap((op) => ('lease' in op ? [op] : []))) {
          if (lease !== undefined && !server.attach(lease, key)) throw gone();
        }
        return server.txn(compare, ops);
      }),
  };
}

/** Asks again until the time is up. */
async function insist<T>(
  line: Line,
  { timeoutMs = 6000, attemptMs = 2000 }: Omit<CallRules, 'repeatable'>,
  work: () => Promise<T> | T,
): Promise<T> {
  const { machine } = line;
  const endMs = machine.monotonic() + timeoutMs;
  for (let leftMs = timeoutMs; leftMs > 0; leftMs = endMs - machine.monotonic()) {
    try {
      return await ask(line, Math.min(attemptMs, leftMs), work);
    } catch (error) {
      if (error instanceof NoLeader) await sleep(machine, 300);
      else if (!(error instanceof NoAnswer)) throw error;
    }
  }
  throw new ConfigError('The store cannot be reached', 'io');
}

function gone(): ConfigError {
  return new ConfigError('There is no such lease any more', 'io');
}
