/**
 * The server's answers as they arrive: every field is there, 64-bit numbers are text. The other
 * half of `protocol.ts`.
 */

/** Comes with every answer. */
export interface Header {
  /** The store's revision. */
  readonly revision: string;
}

/** A key. */
export interface WireEntry {
  readonly key: Buffer;
  readonly value: Buffer;
  /** The revision that wrote it last. */
  readonly modRevision: string;
}

/** Answer of `KV.Range`. */
export interface RangeAnswer {
  readonly header: Header;
  readonly kvs: readonly WireEntry[];
  /** Whether the limit cut the list short. */
  readonly more: boolean;
}

/** Answer of `KV.Txn`. */
export interface TxnAnswer {
  readonly header: Header;
  readonly succeeded: boolean;
}

/** One message of a watch. */
export interface WatchAnswer {
  readonly header: Header;
  /** The watch has begun. */
  readonly created: boolean;
  /** The watch has ended. */
  readonly canceled: boolean;
  /** Not 0: it has ended since everything up to here is forgotten. */
  readonly compactRevision: string;
  readonly cancelReason: string;
  /** More messages belong to this one. */
  readonly fragment: boolean;
  readonly events: readonly WireEvent[];
}

/** A change. */
export interface WireEvent {
  readonly type: 'PUT' | 'DELETE';
  readonly kv: WireEntry;
}

/** Answer of `Lease.LeaseGrant`, and one message of `Lease.LeaseKeepAlive`. */
export interface LeaseAnswer {
  readonly header: Header;
  readonly ID: string;
  /** Seconds; 0: there is no such lease any more. */
  readonly TTL: string;
}

/** Answer of `Auth.Authenticate`. */
export interface AuthAnswer {
  readonly header: Header;
  readonly token: string;
}
