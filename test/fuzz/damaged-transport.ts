/**
 * Node daemons that answer as recorded, but for one damaged answer.
 */
import type { NodeAnswer, NodeCall, NodeTransport } from '../../src/ganeti/node/transport.js';
import type { NodeId } from '../../src/model/ids.js';
import { answered, failed } from '../../src/ports/reply.js';
import type { RecordedCall, RecordedResult } from '../conformance/vectors/types.js';

/** Which answer is damaged, and how. */
export interface Damage {
  /** The place of the call among those that come. */
  readonly at: number;
  /** What the node answers. */
  readonly payload: unknown;
  /** Whether later calls of the procedure are answered so as well. */
  readonly again: boolean;
}

/** Answers by procedure. */
export class DamagedTransport implements NodeTransport {
  readonly #recorded = new Map<string, RecordedCall[]>();
  readonly #damage: Damage;
  #count = 0;
  #procedure: string | undefined;
  #isCalm = false;

  constructor(recorded: readonly RecordedCall[], damage: Damage) {
    this.#damage = damage;
    for (const call of recorded) {
      const name = call.procedure.replace(/^call_/, '');
      this.#recorded.set(name, [...(this.#recorded.get(name) ?? []), call]);
    }
  }

  /** From now on every daemon does what it is told. */
  calm(): void {
    this.#isCalm = true;
  }

  call({ procedure, nodes }: NodeCall): Promise<ReadonlyMap<NodeId, NodeAnswer>> {
    const isDamaged = this.#isDamaged(procedure);
    const recorded = this.#next(procedure);
    const answer = (id: NodeId, name: string): NodeAnswer => {
      if (this.#isCalm) return answered(null);
      if (isDamaged) return answered(this.#damage.payload);
      const [other] = Object.values(recorded?.results ?? {});
      return answerOf(recorded?.results[id] ?? recorded?.results[name] ?? other);
    };
    return Promise.resolve(new Map(nodes.map(({ id, name }) => [id, answer(id, name)])));
  }

  #isDamaged(procedure: string): boolean {
    const { at, again } = this.#damage;
    const isHit = this.#count++ === at;
    if (isHit && again) this.#procedure = procedure;
    return isHit || this.#procedure === procedure;
  }

  /** The last one is used again and again. */
  #next(procedure: string): RecordedCall | undefined {
    const calls = this.#recorded.get(procedure) ?? [];
    return calls.length > 1 ? calls.shift() : calls[0];
  }
}

function answerOf(result: RecordedResult | undefined): NodeAnswer {
  if (result === undefined) return answered(null);
  const { fail_msg: message, offline, payload } = result;
  return message === null ? answered(payload) : failed(message, offline ? 'offline' : 'failed');
}
