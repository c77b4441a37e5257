/**
 * A question to the store across the network: sent, perhaps answered, waited for until its time is
 * up.
 */
import type { Machine } from './machine.js';
import type { Network } from './network.js';
import { NoLeader, type StoreServer } from './store-server.js';

/** No answer came in time. */
export class NoAnswer extends Error {}

/** Who asks, over which network, whom. */
export interface Line {
  readonly machine: Machine;
  readonly network: Network;
  readonly server: StoreServer;
}

/**
 * Asks once. Rejects with `NoAnswer` if none came in time, with `NoLeader` if nothing was done.
 * Never settles if the machine dies.
 */
export function ask<T>(line: Line, timeoutMs: number, work: () => Promise<T> | T): Promise<T> {
  const { machine, network, server } = line;
  return new Promise((resolve, reject) => {
    const timer = machine.timer(timeoutMs, () => reject(new NoAnswer()));
    const answer = (say: () => void): void => {
      const act = (): void =>
        machine.receive(() => {
          timer.cancel();
          say();
        });
      // The connection knows what it has seen already: a double of an answer changes nothing.
      network.send({ from: server.name, to: machine.name }, act, act);
    };
    network.send({ from: machine.name, to: server.name }, () => {
      if (!server.hasLeader) answer(() => reject(new NoLeader()));
      else {
        new Promise<T>((done) => done(work())).then(
          (value) => answer(() => resolve(value)),
          (error: Error) => answer(() => reject(error)),
        );
      }
    });
  });
}
