/**
 * The allocator of a replay: compares what it is asked with the recording, and answers as recorded.
 */
import { parseAllocatorAnswer, programFailed } from '../../../src/ganeti/allocator/answer.js';
import { allocateRequest } from '../../../src/ganeti/allocator/message.js';
import { refuse } from '../../../src/errors.js';
import type {
  AllocationAnswer,
  AllocationRequest,
  AllocationView,
  Allocator,
} from '../../../src/ports/allocator.js';
import type { Difference } from '../compare/difference.js';
import type { Placeholders } from '../compare/placeholders.js';
import { Comparer } from '../compare/values.js';
import type { RecordedAllocation, Vector } from '../vectors/types.js';

/** The requests of one run, whatever the name of the allocator that gets them. */
export class RecordedAllocations {
  readonly #recorded: readonly RecordedAllocation[];
  readonly #placeholders: Placeholders;
  readonly #differences: Difference[] = [];
  #asked = 0;

  constructor(vector: Vector, placeholders: Placeholders) {
    this.#recorded = vector.iallocator;
    this.#placeholders = placeholders;
  }

  /** What was not as recorded; requests that did not come are among it. */
  get differences(): readonly Difference[] {
    if (this.#asked >= this.#recorded.length) return this.#differences;
    const path = 'length';
    const [expected, actual] = [this.#recorded.length, this.#asked];
    return [...this.#differences, { field: 'iallocator', path, expected, actual }];
  }

  /** An allocator that is asked instead of the script of that name. */
  allocator(name: string): Allocator {
    return { name, allocate: (request, view) => this.#answer(name, request, view) };
  }

  /** Compares one request; answers with what was recorded for it. */
  take(name: string, request: unknown): RecordedAllocation | undefined {
    const index = this.#asked++;
    const recorded = this.#recorded[index];
    const comparer = new Comparer('iallocator', this.#placeholders);
    comparer.compare(recorded?.name ?? name, name, [index, 'name']);
    comparer.compare(recorded?.request, request, [index, 'request']);
    this.#differences.push(...comparer.differences);
    return recorded;
  }

  async #answer(
    name: string,
    request: AllocationRequest,
    { config }: AllocationView,
  ): Promise<AllocationAnswer> {
    const answer = this.take(name, allocateRequest(request, config))?.answer;
    if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
      throw new Error('no further request to an allocator was recorded');
    }
    const failure = (answer as { readonly rpc_fail?: string }).rpc_fail;
    if (failure !== undefined) throw programFailed(name, 1, failure);
    const choice = parseAllocatorAnswer(JSON.stringify(answer), request.requiredNodes);
    if (!choice.success) return { found: false, info: choice.info };
    const byName = new Map(Array.from(config.all('node'), (node) => [node.name, node.id]));
    const nodes = choice.nodes.map(
      (node) => byName.get(node) ?? refuse.unknown(`The allocator chose ${node}, which is no node`),
    );
    return { found: true, nodes, info: choice.info };
  }
}

/** Names by which the run may ask for an allocator. */
export function allocatorNames(vector: Vector, defaultName: unknown): readonly string[] {
  const { iallocator } = vector.opcode.params;
  const names = [iallocator, defaultName, ...vector.iallocator.map(({ name }) => name)];
  const usable = names.filter((name): name is string => typeof name === 'string' && name !== '');
  return [...new Set(usable.filter((name) => name !== '.'))];
}
