/**
 * An allocator whose program runs on the master node: the library's own, with a node call for
 * running the program. What the call is told and answers is recorded like any other call.
 */
import { ProgramAllocator } from '../../../src/ganeti/allocator/program-allocator.js';
import type { NodeTransport } from '../../../src/ganeti/node/transport.js';
import type { JsonObject } from '../../../src/ganeti/wire/json.js';
import type { Allocator } from '../../../src/ports/allocator.js';
import type { ConfigReader } from '../../../src/ports/config-store.js';
import type { RecordedAllocations } from './recorded-allocator.js';

/** A program may take a quarter of an hour. */
const TIMEOUT_MS = 900_000;

/** What it talks to. */
export interface RunnerOptions {
  readonly transport: NodeTransport;
  readonly allocations: RecordedAllocations;
  readonly config: ConfigReader;
}

/** The allocator of that name. */
export function runnerAllocator(name: string, options: RunnerOptions): Allocator {
  const { transport, allocations, config } = options;
  return new ProgramAllocator(name, async (program, json) => {
    const input = JSON.parse(json) as JsonObject;
    allocations.take(program, input['request']);
    const { id, name: host, primaryIp: address, offline } = config.node(config.cluster.masterNode);
    const args = {
      name: program,
      idata: input,
      default_iallocator_params: config.cluster.allocatorParams ?? {},
    };
    const answers = await transport.call(
      {
        procedure: 'iallocator_runner',
        multi: false,
        nodes: [{ id, name: host, address, offline }],
        args,
        wire: () => Object.values(args),
      },
      { timeoutMs: TIMEOUT_MS },
    );
    const answer = answers.get(id);
    if (answer?.ok === true) return { exitCode: 0, stdout: String(answer.payload), stderr: '' };
    return { exitCode: 1, stdout: '', stderr: answer?.message ?? 'no answer' };
  });
}
