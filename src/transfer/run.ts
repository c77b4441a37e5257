/**
 * Carries transfers out: asks the state machine of `loop.ts` what is next, calls nodes, and waits.
 *
 * R1 What was started is in the journal as long as it has not been cleaned up, so that neither a
 *    cancellation nor a crash leaves a daemon behind, nor an operation that succeeds all the same.
 * R2 A transfer that fails is an outcome, not an error: the others go on.
 */
import { ProgrammerError } from '../errors.js';
import type { ExecContext } from '../lu-base.js';
import type { NodeId } from '../model/ids.js';
import { sleep } from '../ports/clock.js';
import type { DeferredUndo } from '../ports/journal.js';
import type { Reply } from '../ports/reply.js';
import type { RuntimeInstance } from '../ports/runtime.js';
import type { TransferEnd, TransferOptions, TransferStatus } from '../ports/transfer.js';
import { judge } from './judge.js';
import type { TransferLimits } from './limits.js';
import {
  beginRound,
  type Call,
  type Daemon,
  kept,
  type LoopState,
  newLoop,
  type News,
  notStarted,
  type Outcome,
  outcomes,
  started,
  type Statuses,
  toAsk,
  toClean,
  toStart,
  type Turn,
} from './loop.js';
import { tell } from './tell.js';
import { type TransferNode, undoDaemon } from './undo.js';

/** The contents of one disk, on their way. */
export interface TransferJob {
  /** The disk, in words. */
  readonly label: string;
  /** The disk, for logs of nodes. */
  readonly component: string;
  readonly options: TransferOptions;
  readonly into: TransferEnd;
  /** Absent: another cluster sends. */
  readonly from?: {
    readonly node: TransferNode;
    readonly end: TransferEnd;
    /** Address of the receiving node. */
    readonly host: string;
  };
}

/** All transfers of an instance. */
export interface TransferPlan {
  readonly runtime: RuntimeInstance;
  /** The node that receives. */
  readonly to: TransferNode;
  readonly jobs: readonly TransferJob[];
  readonly limits: TransferLimits;
  /** Told when a receiver listens: the job's position, the port, and what goes with the job. */
  readonly onListening?: (position: number, port: number, options: TransferOptions) => void;
}

/** A transfer that has ended. */
export interface EndedTransfer {
  /** The disk, in words. */
  readonly label: string;
  readonly outcome: Outcome;
}

/** Carries all transfers out, at the same time; says how each of them ended, in order. */
export function runTransfers(
  plan: TransferPlan,
  ctx: ExecContext,
): Promise<readonly EndedTransfer[]> {
  return new TransferRun(plan, ctx).run();
}

class TransferRun {
  readonly #plan: TransferPlan;
  readonly #ctx: ExecContext;
  readonly #undo = new Map<string, DeferredUndo>();
  #state: LoopState;

  constructor(plan: TransferPlan, ctx: ExecContext) {
    this.#plan = plan;
    this.#ctx = ctx;
    const { to, jobs } = plan;
    this.#state = newLoop(
      jobs.map(({ from }) => ({
        to: to.id,
        ...(from === undefined ? {} : { from: from.node.id }),
      })),
    );
  }

  async run(): Promise<readonly EndedTransfer[]> {
    const { clock, signal } = this.#ctx;
    for (let delayMs = await this.#round(); delayMs !== undefined; delayMs = await this.#round()) {
      await sleep(clock, delayMs, signal);
    }
    for (const call of toClean(this.#state)) await this.#clean(call);
    return outcomes(this.#state).map((outcome, at) => ({ label: this.#jobAt(at).label, outcome }));
  }

  /** One round; says how long to wait for the next one. */
  async #round(): Promise<number | undefined> {
    this.#state = beginRound(this.#state);
    for (const daemon of toStart(this.#state)) await this.#start(daemon);
    const asked = toAsk(this.#state);
    if (asked.size === 0) return undefined;
    const statuses = await this.#ask(asked);
    const nowMs = this.#ctx.clock.monotonic();
    const turn = judge(this.#state, statuses, nowMs, this.#plan.limits);
    await this.#follow(turn);
    return turn.delayMs;
  }

  async #start(daemon: Daemon): Promise<void> {
    const reply = await this.#call(daemon);
    if (!reply.ok) {
      const message = `it cannot be started: ${reply.message}`;
      await this.#follow(notStarted(this.#state, daemon, message));
      return;
    }
    const { clock, undo } = this.#ctx;
    const node = this.#nodeOf(daemon);
    this.#undo.set(
      keyOf(node.id, reply.payload),
      await undo.defer(undoDaemon(node, reply.payload)),
    );
    this.#state = started(this.#state, daemon, reply.payload, clock.monotonic());
  }

  #call({ transfer, side, port }: Daemon): Promise<Reply<string>> {
    const { runtime, to } = this.#plan;
    const { component, options, into, from } = this.#jobAt(transfer);
    const { rpc } = this.#ctx;
    const start = { options, runtime, component };
    if (side === 'receive' || from === undefined || port === undefined) {
      return rpc.startImport(to.id, { ...start, into });
    }
    return rpc.startExport(from.node.id, { ...start, from: from.end, host: from.host, port });
  }

  async #ask(asked: ReadonlyMap<NodeId, readonly string[]>): Promise<Statuses> {
    const statuses = new Map<NodeId, ReadonlyMap<string, TransferStatus | undefined>>();
    for (const [node, daemons] of asked) {
      const reply = await this.#ctx.rpc.transferStatus(node, { daemons });
      if (!reply.ok) {
        const { name } = this.#ctx.config.node(node);
        this.#ctx.report.warn(`Cannot learn the state of transfers on ${name}: ${reply.message}`);
        continue;
      }
      statuses.set(node, new Map(daemons.map((daemon, at) => [daemon, reply.payload[at]])));
    }
    return statuses;
  }

  async #follow({ state, calls, news }: Turn): Promise<void> {
    this.#state = state;
    for (const item of news) this.#tell(item);
    for (const call of calls) await (call.kind === 'abort' ? this.#abort(call) : this.#clean(call));
  }

  #tell(news: News): void {
    const { transfer } = news.daemon;
    const { label, options } = this.#jobAt(transfer);
    tell(news, label, this.#nodeOf(news.daemon).name, this.#ctx.report);
    if (news.kind === 'listening') this.#plan.onListening?.(transfer, news.port, options);
  }

  async #abort({ daemon, name }: Call): Promise<void> {
    const node = this.#nodeOf(daemon);
    const reply = await this.#ctx.rpc.abortTransfer(node.id, { daemon: name });
    if (reply.ok) return;
    this.#ctx.report.warn(`Cannot stop daemon ${name} on ${node.name}: ${reply.message}`);
  }

  /** What cannot be cleaned up stays in the journal, and keeps its name (R1). */
  async #clean(call: Call): Promise<void> {
    const node = this.#nodeOf(call.daemon);
    const reply = await this.#ctx.rpc.cleanTransfer(node.id, { daemon: call.name });
    const undo = this.#undo.get(keyOf(node.id, call.name));
    if (reply.ok) {
      await undo?.discard();
      return;
    }
    undo?.outlive();
    this.#state = kept(this.#state, call);
    this.#ctx.report.warn(`Cannot end daemon ${call.name} on ${node.name}: ${reply.message}`);
  }

  #nodeOf({ transfer, side }: Daemon): TransferNode {
    const { from } = this.#jobAt(transfer);
    return side === 'send' && from !== undefined ? from.node : this.#plan.to;
  }

  #jobAt(position: number): TransferJob {
    const job = this.#plan.jobs[position];
    if (job === undefined) throw new ProgrammerError(`There is no transfer ${position}`);
    return job;
  }
}

function keyOf(node: NodeId, daemon: string): string {
  return `${node}/${daemon}`;
}
