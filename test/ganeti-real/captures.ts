/**
 * What hook scripts of a real Ganeti 3.0 cluster saw, and hook scripts for our nodes that write down
 * the same.
 */
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import type { RealNode } from './daemon.js';

/** Variables by name. */
export type Env = Readonly<Record<string, string>>;

/** What a script found. */
export interface Seen {
  readonly env: Env;
  readonly cwd: string;
  readonly uid: number;
  readonly args: readonly string[];
}

type Phase = 'pre' | 'post';

type Captures = Readonly<Record<string, Readonly<Record<string, Readonly<Record<Phase, Seen>>>>>>;

/** By creation, node (`m1` …) and phase. */
export const CAPTURES = JSON.parse(
  readFileSync(new URL('../fixtures/hooks/instance-add-three-nodes.json', import.meta.url), 'utf8'),
) as Captures;

/** What one script of a one-node cluster saw, by phase. */
export function captured(name: string): Readonly<Record<Phase, Env>> {
  const url = new URL(`../fixtures/hooks/instance-add-${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Readonly<Record<Phase, Env>>;
}

const FILE = (phase: Phase): string => `/var/log/ganeti/hook-${phase}`;

/** Puts scripts on a node that write down what they find. */
export async function putDumpHooks(node: RealNode): Promise<void> {
  for (const phase of ['pre', 'post'] as const) {
    const file = FILE(phase);
    const body = [
      '#!/bin/sh',
      `cat /proc/$$/environ > ${file}.env`,
      `readlink /proc/$$/cwd > ${file}.facts`,
      `id -u >> ${file}.facts`,
      `echo $# >> ${file}.facts`,
    ];
    await node.script(`/etc/ganeti/hooks/instance-add-${phase}.d/50-dump`, `${body.join('\n')}\n`);
  }
}

/** What the script of a phase has written down; `undefined` if it did not run. */
export async function seenOn(node: RealNode, phase: Phase): Promise<Seen | undefined> {
  const file = node.at(FILE(phase));
  const text = await readFile(`${file}.env`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const pairs = text.split('\0').filter(Boolean);
  const env = pairs.map((line) => [
    line.slice(0, line.indexOf('=')),
    line.slice(line.indexOf('=') + 1),
  ]);
  const [cwd = '', uid, count] = (await readFile(`${file}.facts`, 'utf8')).split('\n');
  const args = Array.from({ length: Number(count) }, () => '?');
  return { env: Object.fromEntries(env) as Env, cwd, uid: Number(uid), args };
}

/** Forgets what scripts have written down. */
export async function forgetSeen(node: RealNode): Promise<void> {
  for (const phase of ['pre', 'post'] as const) {
    for (const kind of ['env', 'facts'])
      await rm(`${node.at(FILE(phase))}.${kind}`, { force: true });
  }
}

/** Drawn parts, by their form: what has another form stays and differs. */
export function masked(env: Env): Env {
  const entries = Object.entries(env).map(([key, value]) => {
    if (/_NIC\d+_UUID$/.test(key)) return [key, value.replace(/^[0-9a-f-]{36}$/, '<uuid>')];
    if (/_NIC\d+_MAC$/.test(key)) {
      return [key, value.replace(/^((?:[0-9a-f]{2}:){3})([0-9a-f]{2}:){2}[0-9a-f]{2}$/, '$1<mac>')];
    }
    return [key, value];
  });
  return Object.fromEntries(entries) as Env;
}
