/**
 * What a run did to a configuration: objects added and removed, fields changed. Serial numbers and
 * time stamps say nothing of their own.
 */
import { isDeepStrictEqual } from 'node:util';

type Dict = Readonly<Record<string, unknown>>;

const CONTAINERS = ['nodes', 'nodegroups', 'networks', 'instances', 'disks'] as const;

const BOOKKEEPING: ReadonlySet<string> = new Set(['serial_no', 'ctime', 'mtime']);

/** The difference, in the form of the recording. */
export interface ConfigDiff {
  readonly added: Dict;
  readonly changed: Dict;
  readonly removed: Dict;
}

/** The difference between two configurations. */
export function diffConfigs(before: Dict, after: Dict): ConfigDiff {
  const added: Record<string, unknown> = {};
  const changed: Record<string, unknown> = {};
  const removed: Record<string, unknown> = {};
  for (const name of CONTAINERS) {
    const [old, now] = [dictOf(before[name]), dictOf(after[name])];
    put(
      added,
      name,
      pick(now, (id) => (id in old ? undefined : now[id])),
    );
    put(
      changed,
      name,
      pick(now, (id) => (id in old ? changes(old[id], now[id]) : undefined)),
    );
    const gone = Object.keys(old).filter((id) => !(id in now));
    if (gone.length > 0) removed[name] = gone;
  }
  put(changed, 'cluster', changes(before['cluster'], after['cluster']) ?? {});
  return { added, changed, removed };
}

function changes(before: unknown, after: unknown): Dict | undefined {
  const [old, now] = [dictOf(before), dictOf(after)];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const found = keys
    .filter((key) => !BOOKKEEPING.has(key))
    .filter((key) => !isDeepStrictEqual(old[key] ?? null, now[key] ?? null))
    .map((key) => [key, { before: old[key] ?? null, after: now[key] ?? null }] as const);
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function pick(dict: Dict, read: (key: string) => unknown): Dict {
  const entries = Object.keys(dict).map((key) => [key, read(key)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function put(target: Record<string, unknown>, name: string, value: Dict): void {
  if (Object.keys(value).length > 0) target[name] = value;
}

function dictOf(value: unknown): Dict {
  return typeof value === 'object' && value !== null ? (value as Dict) : {};
}
