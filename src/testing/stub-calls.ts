/**
 * How calls to stub nodes are answered: each is a line of the transcript, and goes wrong where the
 * fault plan says so.
 */
import type { NodeId } from '../model/ids.js';
import type { Clock } from '../ports/clock.js';
import type { CallOptions } from '../ports/call.js';
import type { LockFence } from '../ports/fence.js';
import { answered, failed, type Replies, type Reply } from '../ports/reply.js';
import { locksOfFence, SeenFences } from '../ports/seen-fences.js';
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
  /** Whether calls with outdated fences are refused. */
  readonly fencing: boolean;
}

/** Answers calls. */
export class StubCalls {
  readonly #site: CalledSite;
  readonly #seen = new Map<NodeId, SeenFences>();

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
    const outdated = this.#outdated(node, call?.fence);
    if (outdated !== undefined) return failed(`${method} on ${name}: ${outdated}`, 'fenced');
    const value = work(state, name);
    if (value instanceof StubRefusal) return failed(value.message, value.failure);
    return fault === undefined ? answered(value) : failed(message, fault.failure);
  }

  /** Why a fence is refused; else its token is remembered. */
  #outdated(node: NodeId, fence: LockFence | undefined): string | undefined {
    if (fence === undefined || !this.#site.fencing) return undefined;
    const seen = this.#seen.get(node) ?? new SeenFences();
    this.#seen.set(node, seen);
    const locks = locksOfFence(fence);
    const outdated = seen.outdates(locks, fence.token);
    if (outdated === undefined) for (const lock of locks) seen.see(lock, fence.token);
    return outdated && `token ${fence.token} is older than ${outdated.seen} of ${outdated.lock}`;
  }

  #name(node: NodeId): string {
    return this.#site.nodes.get(node) ?? node;
  }
}
