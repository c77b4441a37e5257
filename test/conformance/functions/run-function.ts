/**
 * Runs one row of a function's table.
 */
import { ganetiErrorOf } from '../../../src/ganeti/errors.js';
import type { Difference } from '../compare/difference.js';
import { Placeholders } from '../compare/placeholders.js';
import { Comparer } from '../compare/values.js';
import type { CaseResult } from '../report/case.js';
import type { FunctionRow } from '../vectors/types.js';
import { FUNCTIONS } from './tables.js';
import type { FunctionArgs } from './types.js';

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
    const result = await call(row.args, (row.context ?? {}) as FunctionArgs);
    return compareResult(row, result);
  } catch (error) {
    return compareError(row, error);
  }
}

function compareResult({ fn, expect }: FunctionRow, result: unknown): readonly Difference[] {
  if (expect.outcome === 'error') {
    return [{ field: fn, path: '', expected: wordsOf(expect), actual: 'ok' }];
  }
  const comparer = new Comparer(fn, new Placeholders({}));
  comparer.compare(expect.result ?? null, result ?? null);
  return comparer.differences;
}

function compareError({ fn, expect }: FunctionRow, error: unknown): readonly Difference[] {
  if (expect.outcome === 'error' && expect.ganetiError === false) return [];
  const hint = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const { errorClass, errorCode } = ganetiErrorOf(error);
  const came = wordsOf({ errorClass, errorCode });
  const expected = expect.outcome === 'ok' ? 'ok' : wordsOf(expect);
  return came === expected ? [] : [{ field: fn, path: '', expected, actual: came, hint }];
}

function wordsOf({ errorClass, errorCode }: Partial<FunctionRow['expect']>): string {
  return [errorClass, errorCode].filter((word) => word !== undefined && word !== null).join(' ');
}
