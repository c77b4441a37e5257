/**
 * The node daemons of a replay: the n-th call has to be the n-th that was recorded, and is answered
 * as it was then.
 *
 * R1 Arguments that differ are noted, and the run goes on with the recorded answer.
 * R2 A call that is another one ends the replay: no answer would mean anything. Whatever is asked
 *    afterwards fails, and the error says so.
 * R3 A node marked offline is part of its call, and is answered for like any other.
 */
import type {
  NodeAnswer,
  NodeCall,
  NodeTransport,
  WireValue,
} from '../../../src/ganeti/node/transport.js';
import type { NodeId } from '../../../src/model/ids.js';
import { answered, failed } from '../../../src/ports/reply.js';
import type { Difference } from '../compare/difference.js';
import type { Placeholders } from '../compare/placeholders.js';
import { Comparer } from '../compare/values.js';
import type { RecordedCall, RecordedResult, Vector, WireLine } from '../vectors/types.js';

/** Thrown once a replay makes no sense any more. */
export class ReplayEnded extends Error {
  override readonly name = 'ReplayEnded';
}

/** A call that came. */
export interface SeenCall {
  readonly procedure: string;
  readonly nodes: readonly string[];
  readonly args: Readonly<Record<string, WireValue>>;
}

/** Answers by the recording. */
export class RecordedTransport implements NodeTransport {
  readonly #vector: Vector;
  readonly #placeholders: Placeholders;
  readonly #wire: WireLine | undefined;
  readonly #seen: SeenCall[] = [];
  readonly #differences: Difference[] = [];
  readonly #wireDifferences: Difference[] = [];
  #hasEnded = false;

  constructor(vector: Vector, placeholders: Placeholders, wire?: WireLine) {
    this.#vector = vector;
    this.#placeholders = placeholders;
    this.#wire = wire;
  }

  /** The calls that came. */
  get seen(): readonly SeenCall[] {
    return this.#seen;
  }

  /** What was not as recorded. */
  get differences(): readonly Difference[] {
    return this.#differences;
  }

  /** What was encoded in another way than recorded. */
  get wireDifferences(): readonly Difference[] {
    return this.#wireDifferences;
  }

  /** Whether the run came to a call that was not recorded (R2). */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  call(call: NodeCall): Promise<ReadonlyMap<NodeId, NodeAnswer>> {
    if (this.#hasEnded) return Promise.reject(new ReplayEnded('the replay is over'));
    const index = this.#seen.length;
    const procedure = `call_${call.procedure}`;
    this.#seen.push({ procedure, nodes: call.nodes.map(({ id }) => id), args: call.args });
    const recorded = this.#vector.rpc[index];
    if (recorded?.procedure !== procedure) return this.#end(index, recorded, procedure, call);
    this.#compare(index, recorded, call);
    this.#compareWire(index, call);
    const name = namedBy(call.procedure);
    const answers = call.nodes.flatMap((node): [NodeId, NodeAnswer][] => {
      const answer = recorded.results[node[name]];
      return answer === undefined ? [] : [[node.id, answerOf(answer)]];
    });
    return Promise.resolve(new Map(answers));
  }

  #end(
    index: number,
    recorded: RecordedCall | undefined,
    procedure: string,
    { args, nodes }: NodeCall,
  ): Promise<never> {
    this.#hasEnded = true;
    this.#differences.push({
      field: 'rpc',
      path: `[${index}].procedure`,
      expected: recorded?.procedure ?? endOf(this.#vector),
      actual: procedure,
      hint: JSON.stringify({ nodes: nodes.map(({ name }) => name), args }).slice(0, 600),
    });
    return Promise.reject(new ReplayEnded(`call ${index} is ${procedure}, which was not recorded`));
  }

  #compare(index: number, recorded: RecordedCall, call: NodeCall): void {
    const comparer = new Comparer('rpc', this.#placeholders, isUnordered(recorded.procedure));
    comparer.compare(recorded.multi, call.multi, [index, 'multi']);
    const name = namedBy(call.procedure);
    const nodes = call.nodes.map((node): string => node[name]);
    comparer.compareSets(recorded.nodes, nodes, [index, 'nodes']);
    comparer.compare(argumentsOf(recorded.args), argumentsOf(call.args), [index, 'args']);
    this.#differences.push(...comparer.differences);
  }

  #compareWire(index: number, call: NodeCall): void {
    for (const one of this.#wire?.calls ?? []) {
      if (one.index !== index) continue;
      const comparer = new Comparer('wire', this.#placeholders);
      comparer.compare(one.wire, call.wire(one.node as NodeId), [index, one.procedure]);
      this.#wireDifferences.push(...comparer.differences);
    }
  }
}

/** Nodes are called by UUID, but for one procedure, which the recording has with names. */
function namedBy(procedure: string): 'id' | 'name' {
  return procedure === 'impexp_status' ? 'name' : 'id';
}

/** What was recorded in place of a further call. */
function endOf({ expect }: Vector): string {
  const end = expect.outcome === 'ok' ? 'the end' : `${expect.errorClass} ${expect.errorCode}`;
  return `no more calls, but ${end}`;
}

/** Arguments but for the environment of hooks, which is compared as such. */
function argumentsOf(args: object): unknown {
  if (!('hpath' in args)) return args;
  const { env, ...others } = args as Record<string, unknown>;
  void env;
  return others;
}

function isUnordered(procedure: string): (path: readonly (string | number)[]) => boolean {
  return (path) => procedure === 'call_bdev_sizes' && path.at(-1) === 'devices';
}

function answerOf({ fail_msg: message, offline, payload }: RecordedResult): NodeAnswer {
  if (message === null) return answered(payload);
  return failed(message, offline ? 'offline' : 'failed');
}
