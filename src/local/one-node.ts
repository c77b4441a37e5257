/**
 * What all calls to this machine share: it is one node and answers for no other, and no call is
 * without a limit. Commands go through the guard. Owns the limits for calls whose caller sets none.
 */
import type { NodeId } from '../model/ids.js';
import type { Clock } from '../ports/clock.js';
import type { CallOptions } from '../ports/call.js';
import { answered, failed, type Replies, type Reply } from '../ports/reply.js';
import { type BoundedCall, bounded } from './bounded.js';
import { FenceGuard } from './fences/fence-guard.js';
import { fencesDirOf, type LocalNodeOptions } from './local-node-options.js';
import type { LocalCall } from './hypervisors/local-hypervisor.js';

const MINUTE_MS = 60 * 1000;

/** Most time for a call, by what it is, in the order of magnitude of Ganeti's own limits. */
export const LIMITS_MS = {
  /** Looks something up. */
  lookUp: MINUTE_MS,
  /** Runs a small check. */
  check: 5 * MINUTE_MS,
  /** Does something. */
  work: 15 * MINUTE_MS,
  /** Works on a whole disk, or lets somebody's script do so. */
  disk: 24 * 60 * MINUTE_MS,
} as const;

/** A call: what for, and what kind. */
export interface NodeCall extends Pick<BoundedCall, 'doing' | 'kind'> {
  /** Which limit holds if the caller sets none. */
  readonly limit: keyof typeof LIMITS_MS;
}

type Work<T> = (call: LocalCall) => Promise<Reply<T>>;

/** The frame around the calls to one node. */
export class OneNode {
  readonly #node: NodeId;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #guard: FenceGuard;

  constructor(options: {
    readonly node: NodeId;
    readonly name: string;
    readonly clock: Clock;
    readonly guard: FenceGuard;
  }) {
    this.#node = options.node;
    this.#name = options.name;
    this.#clock = options.clock;
    this.#guard = options.guard;
  }

  /** Does the work if this is the node that is meant. */
  answer<T>(
    node: NodeId,
    { limit, ...about }: NodeCall,
    { timeoutMs = LIMITS_MS[limit], signal, onProgress, onInfo, fence }: CallOptions = {},
    work: Work<T>,
  ): Promise<Reply<T>> {
    if (node !== this.#node) return Promise.resolve(this.#stranger(node));
    const frame = { ...about, clock: this.#clock, timeoutMs, ...(signal && { signal }) };
    const begin = (stop: AbortSignal): Promise<Reply<T>> =>
      work({ signal: stop, ...(onProgress && { onProgress }), ...(onInfo && { onInfo }) });
    if (fence === undefined || about.kind === 'question') return bounded(frame, begin);
    return bounded(frame, (stop) =>
      this.#guard.run({ fence, doing: about.doing, signal: stop }, begin),
    );
  }

  /** An answer for each of the nodes. */
  async answers<T>(
    nodes: readonly NodeId[],
    about: NodeCall,
    call: CallOptions | undefined,
    work: Work<T>,
  ): Promise<Replies<NodeId, T>> {
    const answers = nodes.map(
      async (node) => [node, await this.answer(node, about, call, work)] as const,
    );
    return new Map(await Promise.all(answers));
  }

  #stranger(node: NodeId): Reply<never> {
    const hint = `only this machine, '${this.#name}', can be reached without a daemon`;
    return failed(`node ${node} cannot be called: ${hint}`, 'unreachable');
  }
}

/** Goes on with an answer, if it is one. */
export function onAnswer<T, U>(reply: Reply<T>, use: (payload: T) => U): Reply<U> {
  return reply.ok ? answered(use(reply.payload)) : reply;
}

/** The frame around the calls to the node of these options. */
export function oneNode(options: LocalNodeOptions): OneNode {
  return new OneNode({ ...options, guard: new FenceGuard(fencesDirOf(options)) });
}
