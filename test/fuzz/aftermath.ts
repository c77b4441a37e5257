/**
 * What store, memory and nodes must look like once an operation has ended (O3 to O6 of `trial.ts`).
 */
import { LuError } from '../../src/errors.js';
import type { Disk } from '../../src/model/disk.js';
import type { Instance } from '../../src/model/instance.js';
import { drive } from './drive.js';
import { shown } from './judge.js';
import {
  changedKeys,
  changedObjects,
  disagreements,
  type Normal,
  type State,
  withoutPorts,
  withoutSerial,
} from './state.js';
import type { Subject } from './subject.js';
import type { Attempt } from './trial.js';

/** How it ended. */
export interface End {
  readonly before: State;
  /** Whether the work had begun. */
  readonly hasWorked: boolean;
  readonly error?: unknown;
}

/** All that is not as it must be. */
export async function checkEnd(
  subject: Subject,
  attempt: Attempt,
  end: End,
): Promise<readonly string[]> {
  if (attempt.dryRun || !end.hasWorked) return untouched(subject, end);
  const leaks = leaksOf(end.error);
  const flaws = leaks > 0 ? await recovered(subject) : [];
  return [...flaws, ...(await worked(subject, attempt, end)), ...(await disagreements(subject))];
}

/** O3. */
async function untouched(subject: Subject, { before }: End): Promise<readonly string[]> {
  const left = [...(await openJournals(subject)), ...subject.onNodes()];
  return [
    ...(await changedKeys(subject, before)).map((key) => `changed: ${key}`),
    ...changedObjects(subject, before).map((key) => `changed in memory: ${key}`),
    ...left.map((line) => `left: ${line}`),
  ];
}

/** O4, O5. */
async function worked(subject: Subject, attempt: Attempt, end: End): Promise<readonly string[]> {
  const isKept = attempt.keeps && attempt.isCommitted();
  if (end.error === undefined || isDone(end.error) || isKept) {
    // What a failing node has paused may stay so: Ganeti only warns.
    return finished(subject, end, attempt.keeps ? / paused / : /never/);
  }
  if (!attempt.keeps) return undone(subject, end, withoutSerial, /never/);
  const left = await undone(subject, end, withoutPorts, / (directory|disk) /);
  // A reservation that was used is lost with the instance.
  const isLost = lostReservation(subject, end.before);
  return left.filter((line) => !isLost(line.replace('changed: ', '')));
}

/** Only the instance and its disks are new, and nothing is half done. */
async function finished(
  subject: Subject,
  { before }: End,
  mayStay: RegExp,
): Promise<readonly string[]> {
  const keys = await changedKeys(subject, before, withoutPorts);
  const own = ownKeys(before);
  const left = subject.onNodes().filter((line) => !/ (directory|disk|active|running) /.test(line));
  const more = keys.filter((key) => /^config\/instance\//.test(key)).length;
  return [
    ...(await openJournals(subject)).map((line) => `left: ${line}`),
    ...left.filter((line) => !mayStay.test(line)).map((line) => `left: ${line}`),
    ...keys.filter((key) => !own(key)).map((key) => `changed: ${key}`),
    ...(more === 1 ? [] : [`${more} instances are new`]),
  ];
}

/** New objects, and those of a reservation that was used. */
function ownKeys(before: State): (key: string) => boolean {
  return (key) =>
    /^config\/(instance|disk)\//.test(key) && (!before.records.has(key) || isReserved(before, key));
}

/** Records of a reservation that are gone. */
function lostReservation({ cluster }: Subject, before: State): (key: string) => boolean {
  const { config } = cluster;
  return (key) => {
    const [, kind, id = ''] = /^config\/(instance|disk)\/(.*)$/.exec(key) ?? [];
    const isThere = kind === 'instance' ? config.find(kind, id) : config.find('disk', id);
    return kind !== undefined && isThere === undefined && isReserved(before, key);
  };
}

/** Whether it was a reserved instance's, or its disk's. */
function isReserved({ objects }: State, key: string): boolean {
  const was = objects.get(key.replace('config/', '')) as Disk | Instance | undefined;
  const owner = was !== undefined && 'instanceId' in was ? `instance/${was.instanceId}` : undefined;
  const instance = owner === undefined ? was : objects.get(owner);
  return (instance as Instance | undefined)?.forthcoming === true;
}

async function undone(
  subject: Subject,
  { before }: End,
  normal: Normal,
  mayStay: RegExp,
): Promise<readonly string[]> {
  const left = [...(await openJournals(subject)), ...subject.onNodes()];
  return [
    ...(await changedKeys(subject, before, normal)).map((key) => `changed: ${key}`),
    ...left.filter((line) => !mayStay.test(line)).map((line) => `left: ${line}`),
  ];
}

/** What leaked goes as soon as nodes do what they are told; then there is nothing more to do. */
async function recovered({ cluster, clock, calm }: Subject): Promise<readonly string[]> {
  calm();
  const first = await drive(clock, cluster.recover(), () => undefined);
  if (first.error !== undefined) return [`recover: ${shown(first.error)}`, ...first.flaws];
  const { operations } = await cluster.recover();
  return operations.length === 0 ? [] : [`not recovered: ${JSON.stringify(operations)}`];
}

async function openJournals({ store }: Subject): Promise<readonly string[]> {
  const { entries } = await store.range('journal/');
  return entries.map(({ key }) => key);
}

/** The work was done when the error came. */
function isDone(error: unknown): boolean {
  return LuError.is(error) && /is done and stays/.test(error.message);
}

function leaksOf(error: unknown): number {
  const { leaked } = (error ?? {}) as { readonly leaked?: readonly unknown[] };
  return leaked?.length ?? 0;
}
