/**
 * What onlookers are told about transfers, in words.
 */
import type { Reporter } from '../ports/reporter.js';
import type { TransferStatus } from '../ports/transfer.js';
import type { News, Side } from './loop.js';

/** How many of a daemon's last lines go into a message. */
const LINES = 20;

const DOING: Readonly<Record<Side, string>> = { receive: 'receiving', send: 'sending' };

type Words = (of: {
  readonly label: string;
  readonly node: string;
  readonly doing: string;
  readonly news: News;
}) => string;

const WORDS: Readonly<Record<News['kind'], Words>> = {
  listening: ({ label, node }) => `${label}: ${node} waits for the data`,
  connected: ({ label, node, doing }) => `${label}: ${node} is ${doing} data`,
  progress: ({ label, news }) => `${label}: ${progressOf(news.status)}`,
  finished: ({ label, node, doing }) => `${label}: ${node} has finished ${doing}`,
  failed: ({ label, node, doing, news }) => {
    const reason = news.daemon.outcome?.message ?? 'no reason given';
    return `${label}: ${doing} on ${node} has failed: ${reason}${outputOf(news.status)}`;
  },
};

/** Reports a piece of news. */
export function tell(news: News, label: string, node: string, report: Reporter): void {
  const text = WORDS[news.kind]({ label, node, doing: DOING[news.daemon.side], news });
  if (news.kind === 'failed') report.warn(text);
  else report.info(text);
}

function progressOf(status: TransferStatus | undefined): string {
  const { mib, mibPerS, percent, etaS } = status ?? {};
  const parts = [
    mib === undefined ? undefined : `${Math.round(mib)} MiB`,
    mibPerS === undefined ? undefined : `${mibPerS.toFixed(1)} MiB/s`,
    percent === undefined ? undefined : `${Math.round(percent)} %`,
    etaS === undefined ? undefined : `${Math.round(etaS)} s to go`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function outputOf(status: TransferStatus | undefined): string {
  const lines = status?.output ?? [];
  return lines.length === 0 ? '' : ` (last output: ${lines.slice(-LINES).join(' | ')})`;
}
