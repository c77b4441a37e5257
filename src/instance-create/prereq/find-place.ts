/**
 * Asks an allocator for a place, and claims room there for the operation.
 *
 * N1 A choice counts only if its room was claimed, and room is claimed only if nobody claimed some
 *    on the same nodes since the claims were looked at. Else the allocator is asked again at once,
 *    with the newer claims: they are accepted for as long as there is room.
 * N2 It judges by what nodes said when they were asked first, and by all that was claimed then or
 *    at any time since: what became real in between is counted by its claim.
 * N3 "No place" counts only if the others' claims stood still meanwhile: what has become real since
 *    may have been counted twice, what was given back not at all.
 * N4 In its own process nobody is overtaken twice; who is beaten by other processes again and again
 *    goes on with more locks, since they stop at nodes that are locked.
 */
import { Cancelled, PrereqError, refuse, TemporaryShortage } from '../../errors.js';
import type { LocksContext } from '../../lu-base.js';
import type { NodeId } from '../../model/ids.js';
import type { AllocationAnswer, AllocationRequest, Allocator } from '../../ports/allocator.js';
import type { CapacityClaim, ClaimedByOthers, ClaimMemory } from '../../ports/capacity.js';
import type { ConfigReader } from '../../ports/config-store.js';
import type { NodeQueries } from '../../ports/node-rpc.js';
import type { PlacementRung } from '../../ports/reporter.js';
import type { ChosenNodes } from '../locks.js';
import type { PlacedByAllocator } from '../wishes.js';
import { remembering } from './remembering.js';

/** How often "no place" is doubted because claims have changed (N3). */
const DOUBTS = 8;

/** How often a search is beaten by other processes before its rung is given up (N4). */
const DEFEATS = 8;

/** The nodes, with room claimed on them. Throws `TemporaryShortage` on all rungs but the last. */
export async function findPlace(
  { allocator: name, rung }: PlacedByAllocator,
  request: AllocationRequest,
  ctx: LocksContext,
): Promise<ChosenNodes> {
  ctx.report.step(`Asking allocator ${name} for a place`);
  const answer = await new Search(ctx.allocator(name), request, rung, ctx).run();
  if (!answer.found) {
    const message = `Allocator ${name} found no place for ${request.name}: ${answer.info}`;
    if (rung !== 'full') throw new TemporaryShortage(message);
    return refuse.resources(message);
  }
  const { nodes, info } = answer;
  ctx.report.info(`Allocator ${name} chose ${namesOf(nodes, ctx)}: ${info}`);
  return nodes;
}

/** A place that is claimed, or why there is none. */
type Found =
  | { readonly found: true; readonly nodes: ChosenNodes; readonly info: string }
  | Extract<AllocationAnswer, { found: false }>;

/** One search. */
class Search {
  readonly #allocator: Allocator;
  readonly #request: AllocationRequest;
  readonly #rung: PlacementRung;
  readonly #ctx: LocksContext;
  #defeats = 0;

  constructor(
    allocator: Allocator,
    request: AllocationRequest,
    rung: PlacementRung,
    ctx: LocksContext,
  ) {
    this.#allocator = allocator;
    this.#request = request;
    this.#rung = rung;
    this.#ctx = ctx;
  }

  async run(): Promise<Found> {
    const { capacity, config, rpc } = this.#ctx;
    for (let doubts = 0; ; doubts++) {
      const before = capacity.others();
      // One view of cluster and nodes, however long the search takes.
      using claimed = capacity.remember();
      const known = { config: config.snapshot(), rpc: remembering(rpc), claimed };
      const found = await this.#untilClaimed(known);
      if (found.found || doubts === DOUBTS || isSame(before, capacity.others())) return found;
    }
  }

  async #untilClaimed(known: Known): Promise<Found> {
    const { capacity } = this.#ctx;
    for (;;) {
      const found =
        (await this.#choose(known)) ?? (await capacity.inTurn(() => this.#untilTaken(known)));
      if (!found.found || (await capacity.confirm())) return found;
      this.#isBeaten();
    }
  }

  /** With all nodes locked, nobody can be faster for ever (N4). */
  #isBeaten(): void {
    this.#defeats++;
    if (this.#rung === 'full' || this.#defeats < DEFEATS) return;
    throw new TemporaryShortage(
      `Other processes claimed the room for ${this.#request.name} first, ${DEFEATS} times in a row`,
    );
  }

  async #untilTaken(known: Known): Promise<Found> {
    for (;;) {
      const found = await this.#choose(known);
      if (found !== undefined) return found;
    }
  }

  /** One choice; `undefined` if somebody claimed room there meanwhile (N1). */
  async #choose({ config, rpc, claimed }: Known): Promise<Found | undefined> {
    const { capacity, signal } = this.#ctx;
    const { name } = this.#allocator;
    const seen = capacity.others();
    const view = { config, rpc, signal, claimed: claimed.all() };
    const search = this.#allocator.allocate(this.#request, view);
    const answer = await unlessCancelled(search, signal, `allocator ${name} answered`);
    if (!answer.found) return answer;
    const nodes = checkedAnswer(answer.nodes, this.#request, this.#ctx, name);
    const isTaken = capacity.take(claimsOf(this.#request, nodes), seen);
    return isTaken ? { ...answer, nodes } : undefined;
  }
}

/** What choices are made with. */
interface Known {
  readonly config: ConfigReader;
  readonly rpc: NodeQueries;
  /** What others have claimed since nodes were asked. */
  readonly claimed: ClaimMemory;
}

/** The instance runs on the first node; its disks lie on all of them. */
function claimsOf(
  { diskTemplate, diskSpaceMib, disks, beParams }: AllocationRequest,
  nodes: ChosenNodes,
): readonly CapacityClaim[] {
  const spindles = disks.reduce((sum, disk) => sum + (disk.spindles ?? 0), 0);
  return nodes.map((node, index) => ({
    node,
    storage: diskTemplate,
    memoryMib: index === 0 ? beParams.maxMemMib : 0,
    diskMib: diskSpaceMib,
    vcpus: index === 0 ? beParams.vcpus : 0,
    spindles,
  }));
}

function isSame(one: ClaimedByOthers, other: ClaimedByOthers): boolean {
  return one.size === other.size && [...one].every(([id, claims]) => other.get(id) === claims);
}

/** A search changes nothing: one that does not heed the signal is left behind. */
async function unlessCancelled<T>(
  work: Promise<T>,
  signal: AbortSignal,
  before: string,
): Promise<T> {
  const stop = new AbortController();
  const cancelled = new Promise<never>((_, reject) => {
    const onAbort = (): void =>
      reject(new Cancelled(`Cancelled before ${before}`, { cause: signal.reason }));
    signal.addEventListener('abort', onAbort, { once: true, signal: stop.signal });
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([work, cancelled]);
  } finally {
    stop.abort();
  }
}

/** An allocator is somebody else's program: its answer is input. */
function checkedAnswer(
  nodes: readonly NodeId[],
  { requiredNodes, onlyNodes }: AllocationRequest,
  ctx: LocksContext,
  allocator: string,
): ChosenNodes {
  const [primary, ...secondaries] = nodes;
  const isOdd = nodes.length !== requiredNodes || new Set(nodes).size !== nodes.length;
  if (primary === undefined || isOdd) {
    throw new PrereqError(
      `Allocator ${allocator} gave ${nodes.length} node(s), some perhaps twice; it was asked for ` +
        `${requiredNodes} different one(s)`,
      'internal_error',
    );
  }
  for (const id of nodes) {
    const node = ctx.config.find('node', id);
    if (node === undefined)
      refuse.unknown(`Allocator ${allocator} chose '${id}', which is no node`);
    else if (onlyNodes?.includes(id) === false) {
      refuse.state(`Allocator ${allocator} chose '${node.name}', which was not on offer`);
    }
  }
  return [primary, ...secondaries];
}

function namesOf(nodes: readonly NodeId[], { config }: LocksContext): string {
  return nodes.map((id) => config.node(id).name).join(', ');
}
