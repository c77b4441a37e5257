/**
 * A way to the nodes on which one of them is struck at a chosen call: its daemon is killed before
 * the call, at work, or when it has answered, or it hangs from then on.
 *
 * S1 Whoever was struck is not waited for: its calls have a short limit from then on. All others have
 *    the usual one, so that a busy machine is not taken for a dead one.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type {
  NodeAnswer,
  NodeCall,
  NodeCallOptions,
  NodeTransport,
} from '../../src/ganeti/index.js';
import type { NodeId } from '../../src/index.js';
import type { Bed } from './bed.js';
import { idOf } from './site.js';

/** When, and how. */
export type Strike = 'before' | 'during' | 'after' | 'hang';

/** A call to the victim: the procedure, for hooks with their phase, and how long it took. */
export interface SeenCall {
  readonly name: string;
  readonly tookMs: number;
}

/** Where the blow falls. */
export interface Blow {
  readonly how: Strike;
  /** The first call of this name. */
  readonly at: string;
  /** How long after its beginning, for one at work. */
  readonly afterMs: number;
}

/** How long a node is waited for that is known to be struck. */
const STRUCK_MS = 300;

/** What the test calls a call. */
export function nameOfCall({ procedure, args }: NodeCall): string {
  const { phase } = args;
  return typeof phase === 'string' ? `${procedure} (${phase})` : procedure;
}

/** Strikes once, or never if there is no blow; remembers the calls to the victim until then. */
export class Striking implements NodeTransport {
  readonly seen: SeenCall[] = [];
  readonly #bed: Bed;
  readonly #victim: number;
  readonly #blow: Blow | undefined;
  readonly #usual: NodeTransport;
  readonly #hasty: NodeTransport;
  #isStruck = false;

  constructor(bed: Bed, victim: number, blow?: Blow) {
    this.#bed = bed;
    this.#victim = victim;
    this.#blow = blow;
    this.#usual = bed.transport();
    this.#hasty = bed.transport({ connectMs: STRUCK_MS, settleMs: STRUCK_MS, repeatAfterMs: [] });
  }

  /** Whether the blow has fallen. */
  get isStruck(): boolean {
    return this.#isStruck;
  }

  /** The victim is up again: it is called like the others. */
  async revive(): Promise<void> {
    const victim = this.#bed.node(this.#victim);
    await victim.stop('SIGKILL');
    await victim.start();
    this.#isDown = false;
  }

  #isDown = false;

  async call(call: NodeCall, options: NodeCallOptions): Promise<ReadonlyMap<NodeId, NodeAnswer>> {
    const blow = this.#blow;
    if (!call.nodes.some(({ id }) => id === idOf(this.#victim))) return this.#send(call, options);
    const name = nameOfCall(call);
    if (blow?.at === name && !this.#isStruck) return this.#strike(blow, call, options);
    const began = performance.now();
    const answers = await this.#send(call, options);
    this.seen.push({ name, tookMs: performance.now() - began });
    return answers;
  }

  async #strike(
    { how, afterMs }: Blow,
    call: NodeCall,
    options: NodeCallOptions,
  ): Promise<ReadonlyMap<NodeId, NodeAnswer>> {
    const victim = this.#bed.node(this.#victim);
    this.#isStruck = true;
    if (how === 'before') await victim.stop('SIGKILL');
    if (how === 'hang') victim.hold();
    this.#isDown = how === 'before' || how === 'hang';
    const answers = this.#send(call, options);
    if (how === 'during') {
      await pause(afterMs);
      await victim.stop('SIGKILL');
    }
    await answers;
    if (how === 'after') await victim.stop('SIGKILL');
    this.#isDown = true;
    return answers;
  }

  /** See S1. */
  async #send(call: NodeCall, options: NodeCallOptions): Promise<ReadonlyMap<NodeId, NodeAnswer>> {
    if (!this.#isDown) return this.#usual.call(call, options);
    const struck = call.nodes.filter(({ id }) => id === idOf(this.#victim));
    const others = call.nodes.filter(({ id }) => id !== idOf(this.#victim));
    const answers = await Promise.all([
      this.#usual.call({ ...call, nodes: others }, options),
      this.#hasty.call({ ...call, nodes: struck }, options),
    ]);
    return new Map(answers.flatMap((map) => [...map]));
  }
}
