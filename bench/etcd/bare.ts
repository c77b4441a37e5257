/**
 * The peer: the least that can be said to etcd, straight through gRPC. One comparison, one change,
 * no retries, no members to choose from, no records; and a watch that hands its messages on.
 */
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { TxnAnswer, WatchAnswer } from '../../src/etcd/client/messages.js';
import { loadProcedures } from '../../src/etcd/client/protocol.js';

/** The protocol's number for "the revision of the key's last change". */
const MOD_REVISION = 2;

/** A connection of its own. */
export class BareEtcd {
  readonly #client: Client;
  readonly #procedures = loadProcedures();

  /** `endpoint`: `http://host:port`. */
  constructor(endpoint: string) {
    this.#client = new Client(new URL(endpoint).host, credentials.createInsecure());
  }

  /** Puts the key, if it is at this revision (0: not there); resolves to its new one. */
  put(key: string, revision: number, value: string): Promise<number> {
    return this.#txn(key, revision, { requestPut: { key: bytes(key), value: bytes(value) } });
  }

  /** Deletes the key, if it is at this revision. */
  delete(key: string, revision: number): Promise<number> {
    return this.#txn(key, revision, { requestDeleteRange: { key: bytes(key) } });
  }

  /** Calls back for each message about the key; resolves when the watch has begun. */
  async watch(key: string, onMessage: (answer: WatchAnswer) => void): Promise<void> {
    const { path, requestSerialize, responseDeserialize } = this.#procedures('Watch', 'Watch');
    const read = (answer: Buffer): WatchAnswer => responseDeserialize(answer) as WatchAnswer;
    const call = this.#client.makeBidiStreamRequest<object, WatchAnswer>(
      path,
      requestSerialize,
      read,
      new Metadata(),
    );
    // Hanging up at the end breaks it, and that is meant.
    call.on('error', () => {});
    const begun = new Promise<void>((resolve) => {
      call.on('data', (answer: WatchAnswer) => (answer.created ? resolve() : onMessage(answer)));
    });
    call.write({ createRequest: { key: bytes(key) } });
    await begun;
  }

  /** Hangs up. */
  close(): void {
    this.#client.close();
  }

  #txn(key: string, revision: number, change: object): Promise<number> {
    const { path, requestSerialize, responseDeserialize } = this.#procedures('KV', 'Txn');
    const read = (answer: Buffer): TxnAnswer => responseDeserialize(answer) as TxnAnswer;
    const condition = { target: MOD_REVISION, key: bytes(key), modRevision: String(revision) };
    const request = { compare: [condition], success: [change] };
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(path, requestSerialize, read, request, (error, answer) => {
        if (error !== null) reject(error);
        else if (answer?.succeeded === true) resolve(Number(answer.header.revision));
        else reject(new Error(`Somebody else has changed '${key}'`));
      });
    });
  }
}

function bytes(text: string): Buffer {
  return Buffer.from(text);
}
