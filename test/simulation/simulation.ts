/**
 * One run: three processes, eight nodes, twenty jobs, and everything that can go wrong, out of one
 * seed.
 *
 * What must hold while it runs is in `table-watch.ts` (the locks) and `node-watch.ts` (the nodes),
 * what must hold when it is over in `aftermath.ts`. Beyond that: every job comes to an end, and so
 * does everything else, within a bounded time after the last fault.
 */
import { StubNodes } from '../../src/testing/stub-nodes.js';
import { flawsOf, leftKeys } from './aftermath.js';
import { ControlPlane, type Surroundings } from './control-plane.js';
import { Crew, type Ending } from './crew.js';
import { EventLog } from './event-log.js';
import { type Fault, planFaults } from './faults.js';
import { drawJobs, JOB_COUNT } from './jobs.js';
import { type Mishaps, Network } from './network.js';
import { NodeWatch } from './node-watch.js';
import { buildSite, NODES } from './site.js';
import { StoreServer } from './store-server.js';
import { TableWatch } from './table-watch.js';
import { Violations } from './violations.js';
import { World } from './world.js';

/** How to run. */
export interface SimulationOptions {
  readonly seed: number;
  /** False: nobody compares fences. */
  readonly fencing?: boolean;
  /** Gets every line of the log. */
  readonly print?: (line: string) => void;
}

/** What the crew counts. */
type CrewCounts = Pick<Crew, 'interrupted' | 'climbs'> & Crew['rungs'];

/** What came of it. */
export interface Outcome {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly endings: readonly Ending[];
  readonly faults: ReadonlyMap<Fault, number>;
  readonly mishaps: Mishaps;
  readonly counts: TableWatch['counts'] & NodeWatch['counts'] & CrewCounts;
  readonly log: EventLog;
  readonly events: number;
  /** The simulated time, milliseconds. */
  readonly tookMs: number;
}

/** Faults happen, and jobs come, within this time. */
const BAD_MS = 90_000;
/** All must be over after this time more. */
const GOOD_MS = 30 * 60_000;
const FEWEST_FAULTS = 6;
const MOST_FAULTS = 14;

export async function simulate(options: SimulationOptions): Promise<Outcome> {
  const run = new Simulation(options);
  await run.begin();
  await run.toTheEnd();
  return run.outcome();
}

class Simulation {
  readonly #seed: number;
  readonly #world: World;
  readonly #violations: Violations;
  readonly #network: Network;
  readonly #server: StoreServer;
  readonly #nodes: StubNodes;
  readonly #nodeWatch: NodeWatch;
  readonly #tableWatch: TableWatch;
  readonly #planes: readonly ControlPlane[];
  readonly #crew: Crew;
  #faults: ReadonlyMap<Fault, number> = new Map();

  constructor({ seed, fencing = true, print }: SimulationOptions) {
    const world = new World(seed, new EventLog(print));
    this.#seed = seed;
    this.#world = world;
    this.#violations = new Violations(world);
    this.#network = new Network(world);
    this.#nodes = new StubNodes({ nodes: NODES, log: () => undefined, fencing });
    this.#nodeWatch = new NodeWatch(this.#violations);
    this.#tableWatch = new TableWatch(this.#violations, {
      believes: (member) => this.#planes.some((plane) => plane.believes(member)),
      priorityOf: (owner) => this.#crew.priorities.get(owner) ?? 0,
    });
    this.#server = new StoreServer(world, world.oneOf([8, 64, 1024]), (ops, revision) => {
      world.note(`store ${revision} ${ops.map(({ op, key }) => `${op} ${key}`).join(' ')}`);
      this.#tableWatch.changed(ops, revision);
    });
    const around: Surroundings = {
      world,
      network: this.#network,
      server: this.#server,
      nodes: this.#nodes,
      watch: this.#nodeWatch,
      fencing,
    };
    // As after any start, what nobody owns is finished first.
    this.#planes = ['p1', 'p2', 'p3'].map((name) => {
      return new ControlPlane(
        name,
        around,
        ({ cluster }) => void cluster.recover().catch(() => undefined),
      );
    });
    this.#crew = new Crew(world, this.#planes, this.#violations);
  }

  async begin(): Promise<void> {
    const world = this.#world;
    await buildSite(this.#server.kv, this.#nodes, this.#seed);
    for (const plane of this.#planes) void plane.live();
    for (const job of drawJobs(world, BAD_MS)) this.#crew.expect(job);
    const count = world.between(FEWEST_FAULTS, MOST_FAULTS);
    const victims = { world, network: this.#network, server: this.#server, planes: this.#planes };
    this.#faults = planFaults(victims, count, BAD_MS);
  }

  async toTheEnd(): Promise<void> {
    await this.#until('not all jobs have ended', () => this.#crew.endings.length === JOB_COUNT);
    await this.#until('not all processes are up', () => {
      return this.#world.nowMs > BAD_MS && this.#planes.every(({ life }) => life !== undefined);
    });
    await this.#recover();
    if (!this.#violations.isEmpty) return;
    await this.#seeAll();
    const clusters = this.#planes.flatMap(({ life }) => (life === undefined ? [] : [life.cluster]));
    const maybeStopped = new Set(
      this.#crew.endings.flatMap(({ job, outcome }) => {
        const isStop = job.kind === 'stop' || job.kind === 'remove';
        return isStop && outcome !== 'result' ? [job.about] : [];
      }),
    );
    const flaws = await flawsOf(this.#server.kv, this.#nodes, clusters, maybeStopped);
    for (const flaw of flaws) this.#violations.add(flaw);
    this.#checkRegisters();
  }

  outcome(): Outcome {
    const { log, events, nowMs } = this.#world;
    const { interrupted, endings, rungs, climbs } = this.#crew;
    return {
      seed: this.#seed,
      violations: this.#violations.found,
      endings,
      faults: this.#faults,
      mishaps: this.#network.mishaps,
      counts: {
        ...this.#tableWatch.counts,
        ...this.#nodeWatch.counts,
        interrupted,
        ...rungs,
        climbs,
      },
      log,
      events,
      tookMs: nowMs,
    };
  }

  /** Goes on until it is so, or something is wrong; that it is not so in time is wrong. */
  async #until(otherwise: string, isDone: () => boolean): Promise<void> {
    if (!this.#violations.isEmpty) return;
    const isOver = await this.#world.runUntil(
      () => isDone() || !this.#violations.isEmpty,
      BAD_MS + GOOD_MS,
    );
    if (!isOver) this.#violations.add(otherwise);
  }

  /** An operator asks for recovery until nothing is left, as the error messages tell him to. */
  async #recover(): Promise<void> {
    let left: readonly string[] | undefined;
    const look = async (): Promise<void> => {
      for (;;) {
        left = await leftKeys(this.#server.kv, this.#planes.length);
        if (left.length === 0) return;
        const { life } = this.#world.oneOf(this.#planes);
        await life?.cluster.recover().catch(() => undefined);
        await this.#world.wait(2000);
      }
    };
    void look();
    await this.#until('something is left behind', () => left?.length === 0);
    for (const key of left ?? []) this.#violations.add(`${key} is left behind`);
  }

  /** Waits until all have seen everything. */
  async #seeAll(): Promise<void> {
    let seen = 0;
    for (const plane of this.#planes) void this.#seeBy(plane).then(() => seen++);
    await this.#until('a process does not catch up', () => seen === this.#planes.length);
  }

  /** It may find out only now that it has slept for too long, and begin anew. */
  async #seeBy(plane: ControlPlane): Promise<void> {
    for (;;) {
      const { life } = plane;
      const work = Promise.resolve(life?.cluster.config.freshen());
      const isDone = await work.then(
        () => true,
        () => false,
      );
      if (isDone && life !== undefined && plane.life === life) return;
      await this.#world.wait(500);
    }
  }

  /** Whoever was told that he has counted was counted. */
  #checkRegisters(): void {
    const results = new Map<string, number[]>();
    for (const { job, outcome, result } of this.#crew.endings) {
      if (job.kind !== 'count' || outcome !== 'result') continue;
      results.set(job.about, [...(results.get(job.about) ?? []), Number(result)]);
    }
    for (const [register, values] of results) {
      if (new Set(values).size !== values.length) {
        this.#violations.add(`${register}: two were told the same of ${values.join(' ')}`);
      }
    }
  }
}
