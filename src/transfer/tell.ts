/**
 * What onlookers are told about transfers, in words.
 */
import type { Reporter } from '../ports/reporter.js';
import type { News, Progress, Side } from './loop.js';

/** How many of a daemon's last lines go into a message. */
const LINES = 20;

const DOING: Readonly<Record<Side, string>> = { receive: 'receiving', send: 'sending' };

type Step = Exclude<News['kind'], 'progress' | 'failed'>;

const STEPS: Readonly<Record<Step, (node: string, doing: string) => string>> = {
  listening: (node) => `${node} waits for the data`,
  connected: (node, doing) => `${node} is ${doing} data`,
  finished: (node, doing) => `${node} has finished ${doing}`,
};

/** Reports a piece of news. */
export function tell(news: News, label: string, node: string, report: Reporter): void {
  const doing = DOING[news.daemon.side];
  if (news.kind === 'failed') {
    const reason = `${news.message}${lastOf(news.output)}`;
    report.warn(`${label}: ${doing} on ${node} has failed: ${reason}`);
  } else if (news.kind === 'progress') tellProgress(news.progress, label, report);
  else report.info(`${label}: ${STEPS[news.kind](node, doing)}`);
}

function tellProgress(progress: Progress, label: string, report: Reporter): void {
  const text = `${label}: ${inWords(progress)}`;
  if (progress.percent === undefined) report.info(text);
  else report.progress(progress.percent / 100, text);
}

function inWords({ mib, mibPerS, percent, etaS }: Progress): string {
  const parts = [
    `${Math.round(mib)} MiB`,
    `${mibPerS.toFixed(1)} MiB/s`,
    ...(percent === undefined ? [] : [`${Math.round(percent)} %`]),
    ...(etaS === undefined ? [] : [`${Math.round(etaS)} s to go`]),
  ];
  return parts.join(', ');
}

function lastOf(output: readonly string[]): string {
  return output.length === 0 ? '' : ` (last output: ${output.slice(-LINES).join(' | ')})`;
}
