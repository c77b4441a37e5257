/**
 * Gives jobs to processes and waits for their ends. A job whose process dies or loses its locks is
 * given to some process again, as a user would.
 */
import { isLockLost, LuError } from '../../src/errors.js';
import type { PlacementRung } from '../../src/ports/reporter.js';
import type { ReportListener } from '../../src/reports.js';
import type { ControlPlane, Life } from './control-plane.js';
import type { Job } from './jobs.js';
import type { Violations } from './violations.js';
import type { World } from './world.js';

/** How a job has ended. */
export interface Ending {
  readonly job: Job;
  /** `result`, or the name of the error. */
  readonly outcome: string;
  readonly result: unknown;
  readonly attempts: number;
}

const NEVER = Symbol('the process is gone');

export class Crew {
  readonly endings: Ending[] = [];
  /** How many attempts ended because their process died or was out. */
  interrupted = 0;
  /** How often a place was looked for on each rung of the ladder. */
  readonly rungs: Record<PlacementRung, number> = { claims: 0, opportunistic: 0, full: 0 };
  /** How often one was left for the next. */
  climbs = 0;
  /** How urgent attempts are, by their ids. */
  readonly priorities = new Map<string, number>();
  readonly #world: World;
  readonly #planes: readonly ControlPlane[];
  readonly #violations: Violations;

  constructor(world: World, planes: readonly ControlPlane[], violations: Violations) {
    this.#world = world;
    this.#planes = planes;
    this.#violations = violations;
  }

  /** Plans a job. */
  expect(job: Job): void {
    this.#world.at(job.atMs, () => void this.#finish(job));
  }

  async #finish(job: Job): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const life = await this.#findLife();
      const id = `${job.name}.${attempt}`;
      this.#world.note(`${life.machine.name} runs ${id}: ${job.kind} ${job.about}`);
      const end = await this.#run(job, life, id);
      this.#world.note(`${id}: ${wordsOf(end)}`);
      if (end === NEVER || isLockLost(end)) {
        this.interrupted++;
        continue;
      }
      this.#judge(id, end);
      const isError = end instanceof Error;
      const outcome = isError ? end.name : 'result';
      this.endings.push({ job, outcome, result: isError ? undefined : end, attempts: attempt });
      return;
    }
  }

  async #findLife(): Promise<Life> {
    for (;;) {
      const { life } = this.#world.oneOf(this.#planes);
      if (life !== undefined) return life;
      await this.#world.wait(500);
    }
  }

  async #run(job: Job, { tools, machine }: Life, jobId: string): Promise<unknown> {
    // Some are in a hurry, some do not wait for ever.
    const priority = this.#world.chance(0.2) ? this.#world.between(-2, 2) : 0;
    this.priorities.set(jobId, priority);
    const limit = this.#world.chance(0.1) ? { lockTimeoutMs: this.#world.between(0, 20_000) } : {};
    let forget = (): void => undefined;
    const death = new Promise<typeof NEVER>((resolve) => {
      forget = machine.onDeath(() => resolve(NEVER));
    });
    const onReport = this.#countRungs();
    const work = job
      .run(tools, { jobId, priority, onReport, ...limit })
      .catch((error: unknown) => error);
    const end = await Promise.race([work, death]);
    forget();
    return end;
  }

  #countRungs(): ReportListener {
    let last: PlacementRung | undefined;
    return (event) => {
      if (event.type !== 'rung') return;
      if (last !== undefined && last !== event.rung) this.climbs++;
      last = event.rung;
      this.rungs[event.rung]++;
    };
  }

  #judge(id: string, end: unknown): void {
    if (!(end instanceof Error)) return;
    if (!LuError.is(end) || end.kind === 'bug') {
      this.#violations.add(`${id} ended with ${end.stack ?? end.message}`);
    }
  }
}

function wordsOf(end: unknown): string {
  if (end === NEVER) return 'its process is gone';
  return end instanceof Error ? `${end.name}: ${end.message}` : 'result';
}
