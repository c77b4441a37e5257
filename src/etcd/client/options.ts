/**
 * How to reach an etcd cluster: what users say.
 */
import type { Secret } from '../../model/secret.js';
import type { Clock } from '../../ports/clock.js';

/**
 * Certificates for connections to etcd; all in PEM, as text or bytes.
 * @public
 */
export interface EtcdTls {
  /** Whom to trust; the system's authorities if not given. */
  readonly ca?: string | Uint8Array;
  /** Our certificate, if etcd wants one (`--client-cert-auth`). */
  readonly certificate?: string | Uint8Array;
  /** The certificate's private key. */
  readonly key?: Secret<string>;
  /** The name that etcd's certificates carry, if it is not that of the endpoint. */
  readonly serverName?: string;
}

/**
 * How to reach an etcd cluster, version 3.4 or later.
 * @public
 */
export interface EtcdOptions {
  /**
   * Members, as `http://host:port` or `https://host:port`. One that does not answer is passed over
   * for the next one; give as many as there are.
   */
  readonly endpoints: readonly string[];
  /** Time. */
  readonly clock: Clock;
  /** Needs endpoints with `https`. */
  readonly tls?: EtcdTls;
  /** The user, if etcd wants one. A certificate whose common name is a user does as well. */
  readonly auth?: { readonly user: string; readonly password: Secret<string> };
  /** Longest time for a call, all tries together; milliseconds, 10,000 if not given. */
  readonly timeoutMs?: number;
  /** When the next member is asked if one does not answer; milliseconds, 2,500 if not given. */
  readonly attemptMs?: number;
  /**
   * How often the connection is tried out while something is awaited on it; milliseconds, 6,000 if
   * not given. Servers refuse clients which do so more often than `--grpc-keepalive-min-time`, 5 s.
   */
  readonly pingMs?: number;
}
