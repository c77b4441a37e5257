/**
 * The nodes as one process sees them across the network.
 *
 * F1 What one process says to one node arrives in the order in which it was said (one connection);
 *    between processes there is no order, so what one has said may come long after another one has
 *    taken over.
 * F2 A command that arrives twice is carried out twice, if the node lets it; only the first answer
 *    is heard.
 * F3 A caller who has waited for too long does not know whether it was done.
 */
import { type CallKind, eachCall, type Method, type Target } from '../../src/fenced/node-calls.js';
import type { NodeId } from '../../src/model/ids.js';
import type { CallOptions } from '../../src/ports/call.js';
import type { HookNodes } from '../../src/ports/hook-node.js';
import type { NodeRpc } from '../../src/ports/node-rpc.js';
import type { NodeFacts } from '../../src/ports/node-facts.js';
import { failed, type Reply } from '../../src/ports/reply.js';
import type { StubNodes } from '../../src/testing/stub-nodes.js';
import type { Machine } from './machine.js';
import type { Network } from './network.js';
import type { NodeWatch } from './node-watch.js';
import { SPACE_MIB, usedOn, withScarceSpace } from './scarce-space.js';
import type { World } from './world.js';

const PATIENCE_MS = 15_000;

/** Commands take up to so long. */
const LONGEST_WORK_MS = 2000;

/** The nodes, and the way to them. */
export interface Site {
  readonly world: World;
  readonly network: Network;
  readonly nodes: StubNodes;
  readonly watch: NodeWatch;
}

/** One thing that is said to one node. */
interface Saying {
  readonly name: string;
  readonly kind: CallKind;
  readonly node: NodeId;
  readonly call: CallOptions | undefined;
  /** Carries it out on the node. */
  readonly work: (call: CallOptions | undefined) => Promise<Reply<unknown>>;
}

export class FarNodes {
  readonly rpc: NodeRpc;
  readonly hooks: HookNodes;
  readonly #site: Site;
  readonly #machine: Machine;

  constructor(site: Site, machine: Machine) {
    this.#site = site;
    this.#machine = machine;
    const { nodes } = site;
    this.rpc = eachCall(nodes, (method, name, kind) => (target, request, call) => {
      return this.#spread(target, (node) => {
        const work = this.#workOf(method, target, node, request);
        return this.#say({ name, kind, node, call, work });
      });
    });
    this.hooks = {
      runHooks: async (targets, request, call) => {
        const say = (node: NodeId): Promise<Reply<never>> =>
          this.#say({
            name: 'runHooks',
            kind: 'question',
            node,
            call,
            work: async (options) => oneOf(await nodes.runHooks([node], request, options), node),
          }) as Promise<Reply<never>>;
        return new Map(
          await Promise.all(targets.map(async (node) => [node, await say(node)] as const)),
        );
      },
    };
  }

  /** Reads what is on a node by a way of one's own, as a site might. */
  ask<T>(node: NodeId, work: () => T): Promise<Reply<T>> {
    const answer = async (): Promise<Reply<T>> => ({ ok: true, payload: work() });
    return this.#say({
      name: 'read',
      kind: 'question',
      node,
      call: undefined,
      work: answer,
    }) as Promise<Reply<T>>;
  }

  async #spread(
    target: Target,
    say: (node: NodeId) => Promise<Reply<unknown>>,
  ): ReturnType<Method> {
    if (typeof target === 'string') return say(target);
    return new Map(await Promise.all(target.map(async (node) => [node, await say(node)] as const)));
  }

  #workOf(method: Method, target: Target, node: NodeId, request: object): Saying['work'] {
    if (typeof target === 'string') {
      return async (call) => (await method(node, request, call)) as Reply<unknown>;
    }
    return async (call) => oneOf(await method([node], request, call), node);
  }

  #say(saying: Saying): Promise<Reply<unknown>> {
    const { call, node } = saying;
    const { network, world } = this.#site;
    const machine = this.#machine;
    if (call?.signal?.aborted === true) return Promise.resolve(failed('aborted', 'aborted'));
    return new Promise((resolve) => {
      const end = (reply: Reply<unknown>): void => {
        timer.cancel();
        call?.signal?.removeEventListener('abort', onAbort);
        resolve(reply);
      };
      const onAbort = (): void => end(failed('aborted', 'aborted'));
      const late = (): void => end(failed(`${saying.name}: no answer`, 'timeout'));
      const timer = machine.timer(call?.timeoutMs ?? PATIENCE_MS, late);
      call?.signal?.addEventListener('abort', onAbort, { once: true });
      const workMs = saying.kind === 'command' ? world.below(LONGEST_WORK_MS) : 0;
      const way = { from: machine.name, to: node, channel: `${machine.name} ${node}`, workMs };
      const back = { from: node, to: machine.name };
      const carryOut = (): Promise<Reply<unknown>> => this.#carryOut(saying);
      network.send(
        way,
        () => {
          void carryOut().then((reply) =>
            network.send(back, () => machine.receive(() => end(reply))),
          );
        },
        saying.kind === 'command' ? () => void carryOut() : undefined,
      );
    });
  }

  async #carryOut({ name, kind, node, call, work }: Saying): Promise<Reply<unknown>> {
    const { world, watch } = this.#site;
    // The node does not see the caller's signal: it is on the other side of the network.
    const fence = call?.fence;
    const { nodes } = this.#site;
    const answer = await work(fence === undefined ? {} : { fence });
    const usedMib = usedOn(nodes, node);
    const isInfo = name === 'nodeInfo';
    const reply = isInfo ? withScarceSpace(answer as Reply<NodeFacts>, usedMib) : answer;
    const words = reply.ok ? 'ok' : reply.failure;
    world.note(`${this.#machine.name} > ${node} ${name} ${fence?.token ?? '-'} ${words}`);
    if (kind === 'command') watch.carriedOut({ by: this.#machine.name, node, name, fence, reply });
    watch.uses(node, usedMib, SPACE_MIB);
    return reply;
  }
}

function oneOf(answer: unknown, node: NodeId): Reply<unknown> {
  const replies = answer as ReadonlyMap<NodeId, Reply<unknown>>;
  return replies.get(node) ?? failed('no answer', 'unreachable');
}
