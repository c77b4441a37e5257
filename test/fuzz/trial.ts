/**
 * Puts one operation on trial, and says which rule it breaks.
 *
 * O1 It ends, with a result or an error of ours which is no defect, in a bounded number of steps.
 * O2 No lock, claim, waiting request, timer or listener stays, nor a rejection that nobody sees.
 * O3 After a dry run, and after an error before the work, store and memory are byte by byte as
 *    before, and so are the nodes.
 * O4 After an error of the work the same holds but for serial numbers, once what `leaked` names was
 *    recovered. Ganeti's behaviour may lose ports and leave half-made disks, and after the commit
 *    point keep the instance, and nothing else.
 * O5 After success nothing but the instance and its disks is new, and no journal is open.
 * O6 Once the caller has given up, what was going on ends at once: only taking back takes time.
 * O7 Memory and store agree whenever something was written.
 */
import { getEventListeners } from 'node:events';
import type { RunOptions } from '../../src/processor.js';
import type { AnyReport } from '../../src/reports.js';
import { checkEnd } from './aftermath.js';
import { drive } from './drive.js';
import { Leaving } from './leaving.js';
import { errorLabel, flawsOfError, type Verdict } from './judge.js';
import { stageOf } from './stage.js';
import { stateOf } from './state.js';
import type { Subject } from './subject.js';

/** An operation, and what may be said of its end. */
export interface Attempt {
  /** Begins it. */
  readonly run: (options: RunOptions) => Promise<unknown>;
  /** Nothing may change. */
  readonly dryRun: boolean;
  /** Ganeti's behaviour: what is past its commit point stays. */
  readonly keeps: boolean;
  /** Whether the commit point was passed. */
  readonly isCommitted: () => boolean;
  /** The caller gives up at this event; 0: never. */
  readonly cancelAt: number;
  /** The caller gives up after so many timers; if not given, after thousands. */
  readonly patience?: number;
}

/** Carries it out, and judges. */
export async function trial(subject: Subject, attempt: Attempt): Promise<Verdict> {
  const before = await stateOf(subject);
  const abort = new AbortController();
  const leave = new Leaving(subject.clock, abort);
  const events: AnyReport[] = [];
  const onReport = (event: AnyReport): void => {
    leave.onEvent(event);
    if (events.push(event) === attempt.cancelAt) leave.now();
  };
  const run = attempt.run({ signal: abort.signal, onReport });
  const driven = await drive(subject.clock, run, () => leave.now(), attempt.patience);
  subject.othersLeave();
  const stage = stageOf(events);
  const hasWorked = events.some((event) => event.type === 'phaseStart' && event.phase === 'exec');
  const end = { before, hasWorked, ...(driven.error === undefined ? {} : { error: driven.error }) };
  const flaws = [
    ...driven.flaws,
    ...(await held(subject)),
    ...listeners(abort.signal),
    ...needless(driven.error, abort.signal),
    ...leave.flaws(),
    ...(await checkEnd(subject, attempt, end)),
  ];
  if (driven.error === undefined) {
    return { label: attempt.dryRun ? 'dry run' : 'created', stage: 'done', flaws };
  }
  const label = errorLabel(driven.error, stage);
  const isOver = driven.flaws.length === 0;
  return { label, stage, flaws: [...flaws, ...(isOver ? flawsOfError(driven.error) : [])] };
}

/** O2. */
async function held(subject: Subject): Promise<readonly string[]> {
  const { cluster, clock, onTheirWay } = subject;
  const { locks, pending } = await cluster.locks.explain();
  const { claimCount } = cluster.config;
  const timers = clock.timers - onTheirWay();
  return [
    ...locks.map((lock) => `lock ${lock.name} stays`),
    ...pending.map((request) => `${request.owner} waits for locks`),
    ...(claimCount === 0 ? [] : [`${claimCount} claims stay`]),
    ...(timers > 0 ? [`${timers} timers stay`] : []),
  ];
}

function listeners(signal: AbortSignal): readonly string[] {
  const count = signal.aborted ? 0 : getEventListeners(signal, 'abort').length;
  return count === 0 ? [] : [`${count} listeners stay on the caller's signal`];
}

/** Nobody is told that he gave up if he did not. */
function needless(error: unknown, signal: AbortSignal): readonly string[] {
  const isCancelled = error instanceof Error && error.name === 'Cancelled';
  return isCancelled && !signal.aborted ? ['cancelled, though nobody asked for it'] : [];
}
