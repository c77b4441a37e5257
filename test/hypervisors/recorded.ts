/**
 * What a Ganeti 3.0.2 cluster makes of hypervisor parameters, recorded: rows of parameters (on top
 * of a new cluster's values) with the verdict, and ours in the same words.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { HypervisorName } from '../../src/model/hypervisor.js';
import { coerceParam, type Params, type ParamValue } from '../../src/model/params.js';
import type { Hypervisor } from '../../src/ports/hypervisor.js';

/** Fine, refused for the type of a value or an unknown name, or refused for a value's form. */
export type Verdict = 'ok' | 'type' | 'syntax';

export type Row = readonly [params: Params, verdict: Verdict];

export type Rows = Readonly<Record<HypervisorName, readonly Row[]>>;

export function recordedRows(): Rows {
  const path = new URL('../fixtures/hypervisors/syntax.json.gz', import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as Rows;
}

/** First the types are brought into line, as for every request, then the forms are checked. */
export function judge(hypervisor: Hypervisor, params: Params): Verdict {
  const typed: Record<string, ParamValue> = {};
  for (const [name, given] of Object.entries(params)) {
    const spec = Object.hasOwn(hypervisor.params, name) ? hypervisor.params[name] : undefined;
    const value = spec === undefined ? undefined : coerceParam(spec.type, given);
    if (value === undefined) return 'type';
    typed[name] = value;
  }
  const refusal = caught(() => hypervisor.checkSyntax({ ...initial(hypervisor), ...typed }));
  return refusal === undefined ? 'ok' : 'syntax';
}

/** The values of a new cluster. */
export function initial(hypervisor: Hypervisor): Params {
  const entries = Object.entries(hypervisor.params);
  return Object.fromEntries(entries.map(([name, spec]) => [name, spec.default]));
}

export function caught(work: () => void): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}
