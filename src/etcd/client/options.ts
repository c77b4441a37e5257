/**
 * How to reach an etcd cluster: what users say, checked, and what becomes of it.
 */
import { type ChannelOptions, credentials } from '@grpc/grpc-js';
import { ProgrammerError } from '../../errors.js';
import type { Secret } from '../../model/secret.js';
import type { Clock } from '../../ports/clock.js';
import { Endpoint } from './endpoint.js';

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

const ENDPOINT = /^(https?):\/\/([^/\s:@[\]]+:\d{1,5}|\[[\da-fA-F:.]+\]:\d{1,5})\/?$/;

/** The members. Throws `ProgrammerError` for options that make no sense. */
export function endpointsOf(options: EtcdOptions): readonly Endpoint[] {
  const { endpoints, tls, timeoutMs = 1, attemptMs = 1, pingMs = 1 } = options;
  if (endpoints.length === 0) throw new ProgrammerError('Name at least one endpoint of etcd');
  for (const [name, ms] of Object.entries({ timeoutMs, attemptMs, pingMs })) {
    if (!(ms > 0)) throw new ProgrammerError(`${name} must be more than 0, but it is ${ms}`);
  }
  if (tls !== undefined && (tls.certificate === undefined) !== (tls.key === undefined)) {
    throw new ProgrammerError('A certificate and its private key are given together or not at all');
  }
  return endpoints.map((url) => endpointOf(url, options));
}

function endpointOf(url: string, options: EtcdOptions): Endpoint {
  const [, scheme, address] = ENDPOINT.exec(url) ?? [];
  if (address === undefined) {
    throw new ProgrammerError(`The endpoint '${url}' is not of the form http(s)://host:port`);
  }
  if (scheme === 'http' && options.tls !== undefined) {
    throw new ProgrammerError(`The endpoint '${url}' would be asked without TLS; write https`);
  }
  const trust = scheme === 'http' ? credentials.createInsecure() : sslOf(options.tls ?? {});
  return new Endpoint({ url, address, credentials: trust, channel: channelOf(options) });
}

function sslOf({ ca, certificate, key }: EtcdTls): ReturnType<typeof credentials.createSsl> {
  const pem = (data: string | Uint8Array | undefined): Buffer | null =>
    data === undefined ? null : Buffer.from(data as string);
  try {
    return credentials.createSsl(pem(ca), pem(key?.reveal()), pem(certificate));
  } catch (cause) {
    // The reason may quote what it was given; it stays in here.
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'not PEM';
    throw new ProgrammerError(`The certificates or the key in 'tls' cannot be used (${reason})`);
  }
}

/** A connection of our own per client, tried out while it is in use, and made again soon. */
function channelOf({ pingMs = 6_000, tls }: EtcdOptions): ChannelOptions {
  const name = tls?.serverName;
  return {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.keepalive_time_ms': pingMs,
    'grpc.keepalive_timeout_ms': Math.ceil(pingMs / 2),
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1_000,
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    ...(name === undefined
      ? {}
      : { 'grpc.ssl_target_name_override': name, 'grpc.default_authority': name }),
  };
}
