/**
 * Makes one procedure call out of what a domain call needs: whom, under which name, with which
 * arguments; and a typed reply out of what came back.
 *
 * C1 A payload that is not what the procedure answers is a failed reply that names procedure and
 *    node; its values are not quoted, since they may be secret.
 * C2 One node asked is one reply; of many asked, those that gave no answer are missing.
 * C3 A node that the configuration does not know is answered for, not asked.
 */
import type { z } from 'zod';
import type { NodeId } from '../../model/ids.js';
import type { ConfigReader } from '../../ports/config-store.js';
import type { CallOptions } from '../../ports/call.js';
import { answered, failed, type Replies, type Reply } from '../../ports/reply.js';
import type { OpcodeJob } from '../opcode/params.js';
import { firstProblem } from '../wire/check.js';
import { type KnownFailures, named } from './known-failures.js';
import { isMulti, limitOf, type Procedure } from './procedures.js';
import type { NodeAnswer, NodeCall, NodeTarget, NodeTransport, WireValue } from './transport.js';

/** Arguments by name, in the order of their positions. */
export type Arguments = Readonly<Record<string, WireValue>>;

/** One procedure call. */
export interface Asking<T> {
  readonly procedure: Procedure;
  readonly args: Arguments;
  /** Arguments as one node gets them; absent: the same. */
  readonly wire?: (node: NodeId) => readonly WireValue[];
  /** What the payload has to be, and what it means. */
  readonly reads: () => z.ZodType<T>;
  /** Failures that have to be told from others. */
  readonly known?: KnownFailures;
  /** Time that the work itself may take on top of the procedure's limit, milliseconds. */
  readonly extraMs?: number;
}

/** What is said of the job that calls are made for. */
export type CallingJob = Pick<OpcodeJob, 'debugLevel' | 'reason'>;

/** What calling needs. */
export interface CallerOptions {
  readonly transport: NodeTransport;
  readonly config: ConfigReader;
  readonly job?: CallingJob;
}

/** Calls node daemons. */
export class NodeCaller {
  readonly #transport: NodeTransport;
  /** The configuration: nodes' names and addresses, and what parameters are filled from. */
  readonly config: ConfigReader;
  /** How much OS scripts tell, from 0. */
  readonly debugLevel: number;
  /** Who asked for it and why; daemons add their own entry, and insist on a list. */
  readonly reason: readonly WireValue[];

  constructor({ transport, config, job }: CallerOptions) {
    this.#transport = transport;
    this.config = config;
    this.debugLevel = job?.debugLevel ?? 0;
    // It came with a job, which is JSON.
    this.reason = (job?.reason ?? []) as readonly WireValue[];
  }

  /** Asks one node. */
  async one<T>(node: NodeId, asking: Asking<T>, call: CallOptions = {}): Promise<Reply<T>> {
    const replies = await this.many([node], asking, call);
    return replies.get(node) ?? failed(`${this.#nameOf(node)} gave no answer`, 'unreachable');
  }

  /** Asks many nodes. */
  async many<T>(
    nodes: readonly NodeId[],
    asking: Asking<T>,
    { signal, timeoutMs }: CallOptions = {},
  ): Promise<Replies<NodeId, T>> {
    const replies = new Map<NodeId, Reply<T>>();
    const targets = nodes.flatMap((id) => this.#target(id) ?? []);
    for (const id of nodes) {
      if (!targets.some((target) => target.id === id)) replies.set(id, gone(id));
    }
    if (targets.length === 0) return replies;
    const answers = await this.#transport.call(callOf(targets, asking), {
      timeoutMs: timeoutMs ?? limitOf(asking.procedure) + (asking.extraMs ?? 0),
      ...(signal === undefined ? {} : { signal }),
    });
    for (const [node, answer] of answers) replies.set(node, this.#read(node, answer, asking));
    return replies;
  }

  #target(id: NodeId): NodeTarget | undefined {
    const node = this.config.find('node', id);
    if (node === undefined) return undefined;
    return { id, name: node.name, address: node.primaryIp, offline: node.offline };
  }

  #read<T>(node: NodeId, answer: NodeAnswer, { procedure, reads, known }: Asking<T>): Reply<T> {
    if (!answer.ok) return named(answer, known);
    const parsed = reads().safeParse(answer.payload);
    if (parsed.success) return answered(parsed.data);
    const problem = firstProblem(parsed.error);
    return failed(`${this.#nameOf(node)} gave an unexpected answer to ${procedure}: ${problem}`);
  }

  #nameOf(node: NodeId): string {
    return this.config.find('node', node)?.name ?? node;
  }
}

function callOf<T>(nodes: readonly NodeTarget[], { procedure, args, wire }: Asking<T>): NodeCall {
  return {
    procedure,
    multi: isMulti(procedure),
    nodes,
    args,
    wire: (node) => wire?.(node) ?? Object.values(args),
  };
}

function gone(id: NodeId): Reply<never> {
  return failed(`node ${id} is not in the cluster (any more)`, 'unreachable');
}
