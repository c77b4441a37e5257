/**
 * A sample of calls as Ganeti's own master made them, with the configurations they were made from.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { GanetiNodes } from '../../../src/ganeti/node/ganeti-nodes.js';
import type { NodeCall, NodeCallOptions } from '../../../src/ganeti/node/transport.js';
import type { DiskTemplate } from '../../../src/model/disk-template.js';
import type { Params } from '../../../src/model/params.js';
import type { ConfigReader } from '../../../src/ports/config-store.js';
import { type Json, opened, type RecordedCall, RecordedTransport } from './recorded.js';
import { replay } from './replay.js';
import { configOf, type WireConfig } from './vector-config.js';

/** A call of the sample. */
export interface SampleCall extends RecordedCall {
  readonly from: string;
  readonly config: string;
  readonly taken: readonly string[];
}

interface Sample {
  readonly configs: Readonly<Record<string, WireConfig>>;
  readonly calls: readonly SampleCall[];
  readonly diskParams: readonly {
    readonly template: DiskTemplate;
    readonly params: Readonly<Record<DiskTemplate, Params>>;
    readonly result: readonly Params[];
  }[];
}

const FILE = new URL('../../fixtures/ganeti/node-calls.json.gz', import.meta.url);

export const SAMPLE = JSON.parse(gunzipSync(readFileSync(FILE)).toString('utf8')) as Sample;

/** The configuration that a call was made from. */
export function sampleConfig({ config, taken }: SampleCall): ConfigReader {
  return configOf(opened(SAMPLE.configs[config]) as WireConfig, new Set(taken));
}

/** What came of a replayed call. */
export interface Replayed {
  readonly call: NodeCall;
  readonly options: NodeCallOptions;
  readonly reply: unknown;
}

/** Makes the domain call of a recorded one; `results` can be others than were recorded. */
export async function replayed(
  recorded: SampleCall,
  results: RecordedCall['results'] = recorded.results,
): Promise<Replayed> {
  const transport = new RecordedTransport(results);
  const config = sampleConfig(recorded);
  const job = jobOf(recorded.args);
  const reply = await replay(
    recorded,
    new GanetiNodes({ transport, config, job, looksBefore: false }),
    config,
  );
  const [call] = transport.calls;
  const [options] = transport.options;
  if (call === undefined || options === undefined) throw new Error('nothing was called');
  return { call, options, reply };
}

function jobOf({ debug, reason }: Json): { debugLevel: number; reason: readonly unknown[] } {
  return { debugLevel: (debug ?? 0) as number, reason: (reason ?? []) as readonly unknown[] };
}

/** The first call of a procedure that succeeded. */
export function firstOf(procedure: string): SampleCall {
  const found = SAMPLE.calls.find(
    (call) =>
      call.procedure === procedure &&
      Object.values(call.results).every(({ fail_msg: message }) => message === null),
  );
  if (found === undefined) throw new Error(`the sample has no ${procedure}`);
  return found;
}
