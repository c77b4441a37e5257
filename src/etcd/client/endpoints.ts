/**
 * From what users say to members that can be asked.
 */
import { type ChannelOptions, credentials } from '@grpc/grpc-js';
import { ProgrammerError } from '../../errors.js';
import { Endpoint } from './endpoint.js';
import type { EtcdOptions, EtcdTls } from './options.js';

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
