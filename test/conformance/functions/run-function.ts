/**
 * Runs one row of a function's table.
 */
import { ganetiErrorOf } from '../../../src/ganeti/errors.js';
import type { Difference } from '../compare/difference.js';
import { Placeholders } from '../compare/placeholders.js';
import { Comparer } from '../compare/values.js';
import type { CaseResult } from '../report/case.js';
import type { FunctionRow, Json, JsonDict } from '../vectors/types.js';
import { FUNCTIONS } from './tables.js';
import { FunctionArgs, ToldAs } from './types.js';

/** Functions that answer with texts for humans: whether there are some, and how many, counts. */
const TEXTS: ReadonlySet<string> = new Set([
  'CheckRemoteExportHandshake',
  'ComputeIPolicyDiskSizesViolation',
  'ComputeIPolicySpecViolation',
  'ComputeMinMaxSpec',
]);

/** Runs a row. */
export async function runFunction(row: FunctionRow): Promise<CaseResult> {
  const differences = await differencesOf(row);
  const notes = [`${row.fn} ${JSON.stringify(row.args).slice(0, 1000)}`];
  return { id: row.id, kind: 'functions', differences, notes };
}

async function differencesOf(row: FunctionRow): Promise<readonly Difference[]> {
  const call = FUNCTIONS[row.fn];
  if (call === undefined) {
    return [{ field: row.fn, path: '', expected: 'a function', actual: 'no function' }];
  }
  try {
    const context = new FunctionArgs((row.context ?? {}) as JsonDict);
    return compareResult(row, await call(new FunctionArgs(row.args), context));
  } catch (error) {
    return compareError(row, error);
  }
}

function compareResult({ fn, expect }: FunctionRow, result: unknown): readonly Difference[] {
  if (expect.outcome === 'error') {
    return [{ field: fn, path: '', expected: wordsOf(expect), actual: 'ok' }];
  }
  const shape = TEXTS.has(fn) ? wordless : (value: unknown): unknown => value;
  const comparer = new Comparer(fn, new Placeholders({}));
  comparer.compare(shape(generated(expect.result ?? null)), shape(result ?? null));
  return comparer.differences;
}

/** One table has numbered ids and secrets where vectors have placeholders; both are made up. */
function generated(value: Json): unknown {
  const text = JSON.stringify(value)
    .replaceAll(/\bec\d+-uq(\d+)/g, '<uuid:$1>')
    .replaceAll(/\bec\d+-secret(\d+)/g, '<secret:$1>');
  return JSON.parse(text) as unknown;
}

/** Texts without their words. */
function wordless(value: unknown): unknown {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'string' ? 'a text' : value;
}

function compareError({ fn, expect }: FunctionRow, error: unknown): readonly Difference[] {
  if (expect.outcome === 'error' && expect.ganetiError === false) return [];
  const hint = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const told = error instanceof ToldAs ? { errorClass: error.errorClass } : ganetiErrorOf(error);
  const came = wordsOf(told);
  const expected = expect.outcome === 'ok' ? 'ok' : wordsOf(expect);
  return came === expected ? [] : [{ field: fn, path: '', expected, actual: came, hint }];
}

function wordsOf({ errorClass, errorCode }: Partial<FunctionRow['expect']>): string {
  return [errorClass, errorCode].filter((word) => word !== undefined && word !== null).join(' ');
}
