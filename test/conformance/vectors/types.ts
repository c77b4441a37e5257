/**
 * The shape of recorded vectors, as far as the runner looks into them. All is plain JSON.
 */

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonDict;

/** A JSON object. */
export interface JsonDict {
  readonly [key: string]: Json;
}

/** What one target answered. */
export interface RecordedResult {
  readonly fail_msg: string | null;
  readonly offline: boolean;
  readonly payload: Json;
}

/** One remote call. */
export interface RecordedCall {
  readonly procedure: string;
  readonly multi: boolean;
  readonly nodes: readonly string[];
  readonly args: JsonDict;
  readonly results: Readonly<Record<string, RecordedResult>>;
}

/** One request to an allocator. */
export interface RecordedAllocation {
  readonly request: JsonDict;
  readonly name: string | null;
  readonly answer: Json;
}

/** What a generated value looks like. */
export interface PlaceholderRule {
  readonly kind: 'uuid' | 'mac' | 'secret' | 'magic';
  readonly prefix?: string;
  readonly hexdigits?: number;
}

/** Locks by level: names, or the whole level. */
export type RecordedWant = Readonly<Record<string, 'ALL' | readonly string[]>>;

/** Names held by level. */
export type OwnedLocks = Readonly<Record<string, readonly string[]>>;

/** The four moments at which owned locks were looked at. */
export const MOMENTS = ['atCheckPrereq', 'afterCheckPrereq', 'atExec', 'atExecEnd'] as const;
export type Moment = (typeof MOMENTS)[number];

/** The locks of one attempt. */
export interface RecordedLocks {
  readonly needed_locks: RecordedWant;
  readonly add_locks: RecordedWant;
  readonly share_locks: Readonly<Record<string, number | boolean>>;
  readonly opportunistic_locks: Readonly<Record<string, boolean>>;
  readonly opportunistic_locks_count: Readonly<Record<string, number>>;
  readonly needed_locks_after_declare: RecordedWant;
  readonly owned: Readonly<Record<Moment, OwnedLocks | null>>;
}

/** One phase of hooks. */
export interface RecordedHooks {
  readonly nodes: readonly string[];
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What differs in the configuration afterwards. */
export interface ConfigAfter {
  readonly added: Readonly<Record<string, JsonDict>>;
  readonly changed: Readonly<Record<string, JsonDict>>;
  readonly removed: Readonly<Record<string, readonly string[]>>;
}

/** What has to come out. */
export interface Expectation {
  readonly outcome: 'ok' | 'error';
  readonly result?: Json;
  readonly errorClass?: string;
  readonly errorCode?: string | null;
  readonly ganetiError?: boolean;
  readonly hooksFailures?: Json;
  readonly attempts: number;
  readonly locks: RecordedLocks | null;
  readonly earlierAttempts?: readonly (RecordedLocks | null)[];
  readonly hooks: { readonly pre?: RecordedHooks; readonly post?: RecordedHooks };
  readonly configAfter: ConfigAfter;
}

/** What another job does while node locks are waited for. */
export interface ConfigEvent {
  readonly set?: Readonly<Record<string, Readonly<Record<string, JsonDict>>>>;
  readonly remove?: Readonly<Record<string, readonly string[]>>;
}

/** The world around the run. */
export interface Environment {
  readonly pathutils: Readonly<Record<string, string>>;
  readonly cluster_domain_secret: string | null;
  readonly iallocator_mode: 'captured' | 'rpc';
  readonly now: number;
  readonly busy_locks?: readonly string[];
  readonly hostnames: Readonly<
    Record<string, { readonly name: string; readonly ip: string } | { readonly error: string }>
  >;
  readonly tcp_ping: Readonly<Record<string, boolean>>;
  readonly config_event?: ConfigEvent;
}

/** One recorded run. */
export interface Vector {
  readonly id: string;
  readonly source: string;
  readonly config: { readonly $ref: string };
  readonly opcode: { readonly OP_ID: string; readonly params: JsonDict };
  readonly environment: Environment;
  readonly iallocator: readonly RecordedAllocation[];
  readonly rpc: readonly RecordedCall[];
  readonly placeholders: Readonly<Record<string, PlaceholderRule>>;
  readonly expect: Expectation;
}

/** A cluster configuration. */
export interface ConfigLine {
  readonly id: string;
  readonly config: JsonDict;
}

/** Calls of a vector as the real client encodes them. */
export interface WireLine {
  readonly vector: string;
  readonly calls: readonly {
    readonly index: number;
    readonly procedure: string;
    readonly node: string;
    readonly wire: readonly Json[];
  }[];
}

/** A row of a function's table. */
export interface FunctionRow {
  readonly id: string;
  readonly fn: string;
  readonly source: string;
  readonly args: JsonDict;
  readonly context?: Json;
  readonly expect: {
    readonly outcome: 'ok' | 'error';
    readonly result?: Json;
    readonly errorClass?: string;
    readonly errorCode?: string | null;
    readonly ganetiError?: boolean;
  };
}

/** Everything that is replayed. */
export interface VectorSet {
  readonly configs: ReadonlyMap<string, JsonDict>;
  readonly scenarios: readonly Vector[];
  readonly unittest: readonly Vector[];
  readonly fuzz: readonly Vector[];
  readonly wire: readonly WireLine[];
  readonly functions: readonly FunctionRow[];
}
