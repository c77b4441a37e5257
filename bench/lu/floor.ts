/**
 * The peer: what no implementation of the operation gets by without. The request is parsed by the
 * same schema, as many calls of adapters are awaited, one at a time, and an instance and its name
 * go into two bare maps. No locks, journal, hooks, checks, plan or events.
 */
import { createOpSchema } from '../../src/index.js';
import { Calls } from './stubs.js';
import { REQUEST } from './world.js';

/** The floor under a creation. */
export class Floor {
  readonly #byId = new Map<string, unknown>();
  readonly #ids = new Map<string, string>();
  readonly #calls = new Calls();
  readonly #callsPerCreate: number;

  constructor(callsPerCreate: number) {
    this.#callsPerCreate = callsPerCreate;
  }

  async create(): Promise<void> {
    const op = createOpSchema.parse(REQUEST);
    for (let call = 0; call < this.#callsPerCreate; call++) await this.#calls.one(undefined);
    this.#byId.set('new', op);
    this.#ids.set(op.instanceName, 'new');
  }
}
