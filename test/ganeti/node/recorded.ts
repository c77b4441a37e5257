/**
 * Recorded procedure calls: a transport that answers with what was recorded, and how arguments are
 * compared.
 */
import type {
  NodeAnswer,
  NodeCall,
  NodeCallOptions,
  NodeTransport,
} from '../../../src/ganeti/node/transport.js';
import type { NodeId } from '../../../src/model/ids.js';
import { Secret } from '../../../src/model/secret.js';

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** A call as it was recorded; `wire` is there for some: positional arguments for a node. */
export interface RecordedCall {
  readonly procedure: string;
  readonly multi: boolean;
  readonly nodes: readonly string[];
  readonly args: Json;
  readonly results: Readonly<Record<string, RecordedResult>>;
  readonly wire?: { readonly node: string; readonly values: readonly unknown[] };
}

/** A node's answer as it was recorded. */
export interface RecordedResult {
  readonly fail_msg: string | null;
  readonly offline: boolean;
  readonly payload: unknown;
}

/** Keeps the calls, and answers each with what was recorded. */
export class RecordedTransport implements NodeTransport {
  readonly calls: NodeCall[] = [];
  readonly options: NodeCallOptions[] = [];
  readonly #results: RecordedCall['results'];

  constructor(results: RecordedCall['results']) {
    this.#results = results;
  }

  call(call: NodeCall, options: NodeCallOptions): Promise<ReadonlyMap<NodeId, NodeAnswer>> {
    this.calls.push(call);
    this.options.push(options);
    const answers = call.nodes.flatMap(({ id, name }): [NodeId, NodeAnswer][] => {
      // Some procedures are recorded with the nodes' names.
      const result = this.#results[id] ?? this.#results[name];
      return result === undefined ? [] : [[id, answerOf(result)]];
    });
    return Promise.resolve(new Map(answers));
  }
}

function answerOf({ fail_msg: message, offline, payload }: RecordedResult): NodeAnswer {
  if (message === null) return { ok: true, payload };
  return { ok: false, failure: offline ? 'offline' : 'failed', message };
}

/** Private values in the open, serial numbers and times as numbers: what can be decoded. */
export function opened(value: unknown): unknown {
  if (value === '<serial>') return 7;
  if (value === '<time>') return 1;
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== 'object' || value === null) return value;
  if ('__private__' in value) return value.__private__;
  return mapped(value, opened);
}

/** Fields without a value, which daemons and recordings leave out or write as they like. */
const UNSET: Readonly<Record<string, string>> = {
  forthcoming: 'false',
  children: '[]',
  nodes: '[]',
};

const NO_STAMP = { serial_no: null, ctime: null, mtime: null };

/** For comparing: secrets in the open, sets in order, nothing that has no value. */
export function comparable(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal() as unknown;
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  const some = Object.entries(value).filter(
    ([key, inner]) => inner !== null && JSON.stringify(inner) !== UNSET[key],
  );
  return mapped(Object.fromEntries(some), (inner, key) => {
    if (key === 'netinfo') return comparable({ ...(inner as Json), ...NO_STAMP });
    if (key === 'tags' || key === 'devices') return [...(inner as string[])].sort();
    return comparable(inner);
  });
}

function mapped(from: object, map: (value: unknown, key: string) => unknown): Json {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [key, map(value, key)]));
}
