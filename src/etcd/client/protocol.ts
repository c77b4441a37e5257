/**
 * What we speak of etcd's protocol (version 3): the services, messages and fields that this adapter
 * uses, as data. A field is known on the wire by its number alone; whatever we do not name is
 * skipped when it is read, and keeps its default when it is written.
 */
import { fromJSON } from '@grpc/proto-loader';

/** A procedure of the server: its path, and how its messages become bytes. */
export interface Procedure {
  readonly path: string;
  readonly requestSerialize: (request: object) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => object;
}

type Field = { readonly id: number; readonly type: string; readonly rule?: 'repeated' };
type Fields = Readonly<Record<string, Field>>;

const int64 = (id: number): Field => ({ id, type: 'int64' });
const bytes = (id: number): Field => ({ id, type: 'bytes' });
const bool = (id: number): Field => ({ id, type: 'bool' });
const text = (id: number): Field => ({ id, type: 'string' });
const one = (id: number, type: string): Field => ({ id, type });
const many = (id: number, type: string): Field => ({ id, type, rule: 'repeated' });

const MESSAGES: Readonly<Record<string, Fields>> = {
  ResponseHeader: { revision: int64(3) },
  KeyValue: { key: bytes(1), modRevision: int64(3), value: bytes(5), lease: int64(6) },
  Event: { type: one(1, 'EventType'), kv: one(2, 'KeyValue') },
  RangeRequest: { key: bytes(1), rangeEnd: bytes(2), limit: int64(3), revision: int64(4) },
  RangeResponse: { header: one(1, 'ResponseHeader'), kvs: many(2, 'KeyValue'), more: bool(3) },
  PutRequest: { key: bytes(1), value: bytes(2), lease: int64(3) },
  PutResponse: { header: one(1, 'ResponseHeader') },
  DeleteRangeRequest: { key: bytes(1) },
  DeleteRangeResponse: { header: one(1, 'ResponseHeader'), deleted: int64(2) },
  // EQUAL and MOD are numbers of enumerations: 0 and 2.
  Compare: {
    result: one(1, 'int32'),
    target: one(2, 'int32'),
    key: bytes(3),
    modRevision: int64(6),
  },
  RequestOp: {
    requestPut: one(2, 'PutRequest'),
    requestDeleteRange: one(3, 'DeleteRangeRequest'),
    requestTxn: one(4, 'TxnRequest'),
  },
  TxnRequest: { compare: many(1, 'Compare'), success: many(2, 'RequestOp') },
  TxnResponse: { header: one(1, 'ResponseHeader'), succeeded: bool(2) },
  WatchCreateRequest: {
    key: bytes(1),
    rangeEnd: bytes(2),
    startRevision: int64(3),
    progressNotify: bool(4),
    fragment: bool(8),
  },
  WatchRequest: { createRequest: one(1, 'WatchCreateRequest') },
  WatchResponse: {
    header: one(1, 'ResponseHeader'),
    created: bool(3),
    canceled: bool(4),
    compactRevision: int64(5),
    cancelReason: text(6),
    fragment: bool(7),
    events: many(11, 'Event'),
  },
  LeaseGrantRequest: { TTL: int64(1) },
  LeaseGrantResponse: { header: one(1, 'ResponseHeader'), ID: int64(2), TTL: int64(3) },
  LeaseRevokeRequest: { ID: int64(1) },
  LeaseRevokeResponse: { header: one(1, 'ResponseHeader') },
  LeaseKeepAliveRequest: { ID: int64(1) },
  LeaseKeepAliveResponse: { header: one(1, 'ResponseHeader'), ID: int64(2), TTL: int64(3) },
  AuthenticateRequest: { name: text(1), password: text(2) },
  AuthenticateResponse: { header: one(1, 'ResponseHeader'), token: text(2) },
};

/** Both ways a stream where `streams` is true, else one message each way. */
const SERVICES: Readonly<Record<string, Readonly<Record<string, { streams: boolean }>>>> = {
  KV: { Range: { streams: false }, Txn: { streams: false } },
  Watch: { Watch: { streams: true } },
  Lease: {
    LeaseGrant: { streams: false },
    LeaseRevoke: { streams: false },
    LeaseKeepAlive: { streams: true },
  },
  Auth: { Authenticate: { streams: false } },
};

/** All procedures, by service and name. Messages are described in `messages.ts`. */
export type Procedures = (service: string, name: string) => Procedure;

/** Compiles the description; once per client. */
export function loadProcedures(): Procedures {
  const nested = { EventType: { values: { PUT: 0, DELETE: 1 } }, ...messages(), ...services() };
  // 64 bits are text: the ids of leases are larger than a number holds exactly.
  const options = { longs: String, enums: String, defaults: true };
  const loaded = fromJSON({ nested: { etcdserverpb: { nested } } }, options);
  return (service, name) => {
    const methods = loaded[`etcdserverpb.${service}`] as
      | Readonly<Record<string, Procedure>>
      | undefined;
    const method = methods?.[name];
    if (method === undefined) throw new TypeError(`etcd has no procedure ${service}.${name} here`);
    return method;
  };
}

function messages(): Record<string, { fields: Record<string, Field> }> {
  return Object.fromEntries(
    Object.entries(MESSAGES).map(([name, fields]) => [name, { fields: { ...fields } }]),
  );
}

function services(): Record<string, { methods: Record<string, MethodShape> }> {
  return Object.fromEntries(
    Object.entries(SERVICES).map(([service, methods]) => [
      service,
      {
        methods: Object.fromEntries(
          Object.entries(methods).map(([name, { streams }]) => [name, shapeOf(name, streams)]),
        ),
      },
    ]),
  );
}

interface MethodShape {
  readonly requestType: string;
  readonly responseType: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

function shapeOf(name: string, streams: boolean): MethodShape {
  return {
    requestType: `${name}Request`,
    responseType: `${name}Response`,
    requestStream: streams,
    responseStream: streams,
  };
}
