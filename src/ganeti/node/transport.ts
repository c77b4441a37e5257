/**
 * The door between what is said to node daemons and how it gets there. Above it: domain calls,
 * encodings, decoding. Below it: HTTPS, or a recording.
 *
 * T1 A transport answers every node of a call; a node missing in the answer has given none.
 * T2 A node marked offline is part of its call and is answered `offline` without being asked.
 * T3 Failing is a value. A transport rejects only if it is broken itself.
 * T4 Arguments keep secrets as `Secret` down to this door; `revealArguments` opens them last.
 */
import type { NodeId } from '../../model/ids.js';
import { Secret } from '../../model/secret.js';
import type { Reply } from '../../ports/reply.js';
import type { JsonValue } from '../wire/json.js';

/**
 * A value of an argument: JSON, in which secrets are still closed.
 * @public
 */
export type WireValue =
  | string
  | number
  | boolean
  | null
  | Secret<string>
  | readonly WireValue[]
  | WireObject;

/**
 * An object among arguments.
 * @public
 */
export interface WireObject {
  /** Values by key. */
  readonly [key: string]: WireValue;
}

/**
 * A node that is called.
 * @public
 */
export interface NodeTarget {
  /** The node's UUID. */
  readonly id: NodeId;
  /** Its host name. */
  readonly name: string;
  /** Its address for control traffic. */
  readonly address: string;
  /** Marked offline: to be answered for, not to be asked. */
  readonly offline: boolean;
}

/**
 * One procedure call, to one node or to many.
 * @public
 */
export interface NodeCall {
  /** The daemon's name of the procedure: `node_info`. */
  readonly procedure: string;
  /** Whether the procedure is one that is asked of many nodes at once, even if it is one now. */
  readonly multi: boolean;
  /** Whom to call. */
  readonly nodes: readonly NodeTarget[];
  /** Arguments by name, objects as the configuration holds them: for logs and recordings. */
  readonly args: Readonly<Record<string, WireValue>>;
  /** Arguments by position, as one node gets them: parameters filled, from that node's view. */
  wire(node: NodeId): readonly WireValue[];
}

/**
 * What goes with a call.
 * @public
 */
export interface NodeCallOptions {
  /** Ends the waiting; the node may still finish. Answered as `aborted`. */
  readonly signal?: AbortSignal;
  /** Most time for one node's answer, milliseconds. Then the answer is `timeout`. */
  readonly timeoutMs: number;
}

/**
 * One node's answer, the payload as the daemon gave it.
 * @public
 */
export type NodeAnswer = Reply<unknown>;

/**
 * What carries calls to node daemons.
 * @public
 */
export interface NodeTransport {
  /** Calls the nodes, all at once, and answers by node. */
  call(call: NodeCall, options: NodeCallOptions): Promise<ReadonlyMap<NodeId, NodeAnswer>>;
}

/**
 * Arguments with their secrets in clear text. Only for what leaves for a node.
 * @public
 */
export function revealArguments(values: readonly WireValue[]): readonly JsonValue[] {
  return values.map(reveal);
}

function reveal(value: WireValue): JsonValue {
  if (value instanceof Secret) return value.reveal();
  if (isList(value)) return value.map(reveal);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reveal(inner)]));
}

function isList(value: WireValue): value is readonly WireValue[] {
  return Array.isArray(value);
}
