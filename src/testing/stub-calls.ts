/**
 * How calls to stub nodes are answered: each is a line of the transcript, and goes wrong where the
 * fault plan says so.
 */
import type { NodeId } from '../model/ids.js';
import type { Clock } from '../ports/clock.js';
import type { CallOptions } from '../ports/call.js';
import { answered, failed, type Replies, type Reply } from '../ports/reply.js';
import type { FaultPlan } from './faults.js';
import { hang, StubRefusal } from './stub-answers.js';
import type { StubNodeState } from './stub-node-state.js';

/** What calls are answered with. */
export interface CalledSite {
  /** Names of nodes. */
  readonly nodes: ReadonlyMap<NodeId, string>;
  /** What exists on them. */
  readonly states: ReadonlyMap<NodeId, StubNodeState>;
  /** Gets one line per call. */
  readonly log: (line: string) => void;
  /** Which calls go wrong. */
  readonly faults: FaultPlan;
  /** Ends calls that hang when their time is up. */
  readonly clock: Clock | undefined;
}

/** Answers calls. */
export class StubCalls {
  readonly #site: CalledSite;

  constructor(site: CalledSite) {
    this.#site = site;
  }

  /** A question to several nodes. */
  async many<T>(
    method: string,
    nodes: readonly NodeId[],
    words: string,
    call: CallOptions | undefined,
    work: (state: StubNodeState, node: string) => T | StubRefusal,
  ): Promise<Replies<NodeId, T>> {
    const names = nodes.map((node) => this.#name(node)).join(',');
    this.#site.log(`rpc ${method} ${names} ${words}`.trimEnd());
    const replies = nodes.map(async (node) => {
      return [node, await this.#answer(method, node, call, work)] as const;
    });
    return new Map(await Promise.all(replies));
  }

  /** A call to one node. */
  async one<T>(
    method: string,
    node: NodeId,
    words: string,
    call: CallOptions | undefined,
    work: (state: StubNodeState, node: string) => T | StubRefusal,
  ): Promise<Reply<T>> {
    this.#site.log(`rpc ${method} ${this.#name(node)} ${words}`.trimEnd());
    return this.#answer(method, node, call, work);
  }

  async #answer<T>(
    method: string,
    node: NodeId,
    call: CallOptions | undefined,
    work: (state: StubNodeState, node: string) => T | StubRefusal,
  ): Promise<Reply<T>> {
    if (call?.signal?.aborted === true) return failed('aborted', 'aborted');
    const name = this.#name(node);
    const state = this.#site.states.get(node);
    if (state === undefined) return failed(`there is no node ${name}`, 'unreachable');
    const fault = this.#site.faults.next(method, name);
    if (fault?.kind === 'hang') return hang(call, this.#site.clock);
    const message = fault?.message ?? `${method} was made to fail`;
    if (fault !== undefined && fault.kind !== 'after') return failed(message, fault.failure);
    const value = work(state, name);
    if (value instanceof StubRefusal) return failed(value.message, value.failure);
    return fault === undefined ? answered(value) : failed(message, fault.failure);
  }

  #name(node: NodeId): string {
    return this.#site.nodes.get(node) ?? node;
  }
}
