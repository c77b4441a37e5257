/**
 * Runs cases of all kinds, one after the other.
 */
import type { Difference } from '../compare/difference.js';
import { runFunction } from '../functions/run-function.js';
import type { CaseResult, Kind } from '../report/case.js';
import type { Vector, VectorSet, WireLine } from '../vectors/types.js';
import { type Replay, runVector } from './run-vector.js';

/** Which cases are wanted. */
export interface Selection {
  readonly kinds: readonly Kind[];
  /** Ids, or beginnings of ids; empty: all. */
  readonly only: readonly string[];
}

const RUNS = ['scenarios', 'unittest', 'fuzz'] as const;

/** Runs what is selected. */
export async function* runCases(
  set: VectorSet,
  { kinds, only }: Selection,
): AsyncGenerator<CaseResult> {
  const isWanted = (id: string): boolean =>
    only.length === 0 || only.some((start) => id.startsWith(start));
  const wires = new Map(set.wire.map((line) => [line.vector, line]));
  for (const kind of RUNS) {
    for (const vector of set[kind]) {
      const wire = wires.get(vector.id);
      const isRun = kinds.includes(kind) && isWanted(vector.id);
      const isWire = kinds.includes('wire') && wire !== undefined && isWanted(wireId(wire));
      if (!isRun && !isWire) continue;
      const replay = await replayed(vector, set, wire);
      if (isRun) yield caseOf(vector.id, kind, replay.differences, replay);
      if (isWire) yield caseOf(wireId(wire), 'wire', wireDifferences(wire, replay), replay);
    }
  }
  if (!kinds.includes('functions')) return;
  for (const row of set.functions) {
    if (isWanted(row.id) || isWanted(row.fn)) yield await runFunction(row);
  }
}

function wireId({ vector }: WireLine): string {
  return `wire-${vector}`;
}

/** Nothing that a vector makes the library do may end the runner. */
async function replayed(
  vector: Vector,
  set: VectorSet,
  wire: WireLine | undefined,
): Promise<Replay> {
  try {
    const config = set.configs.get(vector.config.$ref);
    if (config === undefined) throw new Error(`there is no configuration ${vector.config.$ref}`);
    return await runVector(vector, config, wire);
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const why: Difference = {
      field: 'world',
      path: '',
      expected: 'a run',
      actual: 'none',
      hint: message.split('\n').slice(0, 4).join(' | '),
    };
    const outcome = { outcome: 'error', errorClass: '', errorCode: null, message } as const;
    return { differences: [why], wireDifferences: [], calls: [], outcome };
  }
}

/** Calls that never came have not been encoded as recorded. */
function wireDifferences(wire: WireLine, { calls, wireDifferences: seen }: Replay): Difference[] {
  const missing = wire.calls.filter(({ index }) => index >= calls.length);
  return [
    ...seen,
    ...missing.map(({ index, procedure }) => ({
      field: 'wire',
      path: `[${index}]`,
      expected: procedure,
      actual: 'no such call',
    })),
  ];
}

function caseOf(
  id: string,
  kind: Kind,
  differences: readonly Difference[],
  { outcome, calls }: Replay,
): CaseResult {
  const end = outcome.outcome === 'ok' ? 'ok' : outcome.message;
  return { id, kind, differences, notes: [`ended: ${end}`, `calls: ${calls.join(' ')}`] };
}
