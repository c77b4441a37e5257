/**
 * What an exchange with a node daemon means: an answer of the node, or why there is none.
 *
 * - `not_authorised`: one side does not accept the other's certificate; nothing was done.
 * - `unreachable`: no connection, or one that ended without an answer; the node may have done it.
 * - `timeout`: the node has the command and did not answer in time; it may still be at work.
 * - `failed`: the node says no, or something that is no answer.
 *
 * J1 Of an answer that makes no sense nothing is quoted: what a node sends may hold secrets.
 */
import { answered, failed, type ReplyFailed } from '../../ports/reply.js';
import type { NodeAnswer } from '../node/transport.js';
import { refuseTraps } from '../wire/json.js';
import type { Exchange } from './exchange.js';

/** What messages name. */
export interface Judged {
  /** Where the daemon is: `192.0.2.1:1811`. */
  readonly at: string;
  readonly procedure: string;
  readonly connectMs: number;
  readonly limitMs: number;
}

/**
 * Alerts by which a daemon refuses a client. "Internal error" is one of them: so it refuses a
 * certificate that the cluster has signed, but that is not on its list.
 */
const REFUSING_ALERTS = [
  'unknown ca',
  'internal error',
  'certificate \\w+',
  'bad certificate',
  'unsupported certificate',
  'access denied',
  'handshake failure',
  'decrypt error',
];

const REFUSAL = new RegExp(`alert (${REFUSING_ALERTS.join('|')})`, 'i');

/** The client's own library does not accept what the node shows. */
const STRANGE_NODE = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_|HOSTNAME_|ERR_TLS_CERT)/;

/** How daemons announce what they did not expect; the reason follows, or nothing. */
const UNEXPECTED = 'Error while executing backend function:';

/** The answer. */
export function judge(outcome: Exchange, about: Judged): NodeAnswer {
  const { at, procedure } = about;
  switch (outcome.kind) {
    case 'answer':
      return read(outcome.status, outcome.body, about);
    case 'broken':
      return broken(outcome.error, outcome.stage === 'sent', about);
    case 'late':
      return failed(
        `no answer to ${procedure} from ${at} within ${inSeconds(about.limitMs)}; ` +
          'it may still be at work',
        'timeout',
      );
    case 'no-connection':
      return failed(
        `${at} did not take a connection within ${inSeconds(about.connectMs)}`,
        'unreachable',
      );
    case 'aborted':
      return failed(`the call of ${procedure} at ${at} was cancelled`, 'aborted');
    case 'too-large':
      return failed(`the answer to ${procedure} from ${at} is longer than any that makes sense`);
  }
}

function broken(error: Error, wasSent: boolean, { at, procedure }: Judged): ReplyFailed {
  const code = 'code' in error ? String(error.code) : error.name;
  const [alert] = REFUSAL.exec(error.message) ?? REFUSAL.exec(words(code)) ?? [];
  if (alert !== undefined) {
    return failed(
      `the node daemon at ${at} refuses this client's certificate (${alert.toLowerCase()}); ` +
        "put its fingerprint on the node's list of allowed clients",
      'not_authorised',
    );
  }
  if (STRANGE_NODE.test(code)) {
    return failed(
      `what answers at ${at} does not show this cluster's certificate (${code}); ` +
        'compare the certificate with the one of the credentials',
      'not_authorised',
    );
  }
  return failed(
    wasSent
      ? `the node daemon at ${at} closed the connection without an answer to ${procedure} (${code})`
      : `no node daemon can be reached at ${at} (${code})`,
    'unreachable',
  );
}

/** `ERR_SSL_TLSV1_ALERT_UNKNOWN_CA` as `err ssl … alert unknown ca`. */
function words(code: string): string {
  return code.replaceAll('_', ' ');
}

function read(status: number, body: string, { at, procedure }: Judged): NodeAnswer {
  if (status === 401 || status === 403) {
    return failed(
      `the node daemon at ${at} refuses this client (HTTP ${status})`,
      'not_authorised',
    );
  }
  if (status !== 200) return failed(`${at} answered ${procedure} with HTTP ${status}`);
  const data = parsed(body);
  if (!Array.isArray(data) || data.length !== 2 || typeof data[0] !== 'boolean') {
    return failed(`what ${at} answered to ${procedure} is not the answer of a node daemon`);
  }
  const [worked, payload] = data as [boolean, unknown];
  return worked ? answered(payload) : failed(reasonOf(payload, at, procedure));
}

/** `undefined` if it is no JSON, or none that is safe to walk. */
function parsed(body: string): unknown {
  try {
    const data: unknown = JSON.parse(body);
    refuseTraps(data, 'the answer');
    return data;
  } catch {
    return undefined;
  }
}

function reasonOf(message: unknown, at: string, procedure: string): string {
  const text = typeof message === 'string' ? message.trim() : '';
  const reason = text.startsWith(UNEXPECTED) ? text.slice(UNEXPECTED.length).trim() : text;
  if (reason !== '') return reason;
  return `the node daemon at ${at} failed in ${procedure} without a reason; its log may tell`;
}

function inSeconds(ms: number): string {
  return `${ms / 1000} s`;
}
