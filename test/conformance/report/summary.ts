/**
 * Failures by what they have in common: their first difference, without what is particular.
 */
import { inspect } from 'node:util';
import type { Difference } from '../compare/difference.js';
import type { CaseResult } from './case.js';

/** Most ids that are shown per group. */
const EXAMPLES = 4;

/** Groups of failures, the largest first. */
export function summarise(results: readonly CaseResult[]): string {
  const groups = new Map<string, string[]>();
  for (const { id, kind, differences } of results) {
    const [first] = differences;
    if (first === undefined) continue;
    const key = keyOf(first, kind === 'functions' ? id : '');
    groups.set(key, [...(groups.get(key) ?? []), id]);
  }
  return [...groups]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([key, ids]) => `${String(ids.length).padStart(5)}  ${key}\n         ${examples(ids)}`)
    .join('\n');
}

function examples(ids: readonly string[]): string {
  const rest = ids.length > EXAMPLES ? ' …' : '';
  return ids.slice(0, EXAMPLES).join(' ') + rest;
}

function keyOf({ field, path, expected, actual, hint }: Difference, id: string): string {
  const where = [field, path.replaceAll(/\[\d+\]/g, '[]').replaceAll(UUID, '…')].join(' ').trim();
  const what = `expected ${brief(expected)}, got ${brief(actual)}`;
  // Function rows fail one by one; their table is what they have in common.
  const table = id === '' ? '' : `${id.replace(/^fn-|-\d+$/g, '')}: `;
  const why = hint === undefined || field === 'rpc' ? '' : `: ${general(hint).slice(0, 160)}`;
  return `${table}${where}: ${what}${why}`;
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

function brief(value: unknown): string {
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'a list' : 'a dict';
  return value === undefined ? 'nothing' : general(inspect(value)).slice(0, 80);
}

function general(text: string): string {
  return text
    .replaceAll(UUID, '…')
    .replaceAll(/(?<=.)(?:'[^']*'|"[^"]*")/g, "'…'")
    .replaceAll(/\b[\w-]+(?:\.[\w-]+)*\.example\.(?:com|org)\b/g, 'HOST')
    .replaceAll(/\d+/g, 'N');
}
