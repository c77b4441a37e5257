/**
 * Allocator programs that run where Ganeti runs them: on the node that leads, through its daemon.
 */
import { refuse } from '../../errors.js';
import type { ProgramOutput, RunProgram } from '../allocator/program-allocator.js';
import { NodeCaller } from './caller.js';
import type { GanetiNodesOptions } from './ganeti-nodes.js';
import { text } from './payloads.js';

/**
 * What {@link runOnMaster} needs.
 * @public
 */
export type RunOnMasterOptions = GanetiNodesOptions;

/**
 * Runs allocator programs on the node that leads. What the daemon does not run, or what fails,
 * rejects as `PrereqError` `environment_error` about a `verdict`.
 * @public
 */
export function runOnMaster(options: RunOnMasterOptions): RunProgram {
  const caller = new NodeCaller(options);
  return async (name, json, signal): Promise<ProgramOutput> => {
    const { masterNode: master, allocatorParams = {} } = caller.config.cluster;
    const args = { name, idata: json, default_iallocator_params: allocatorParams };
    const asking = { procedure: 'iallocator_runner', args, reads: text } as const;
    const reply = await caller.one(master, asking, { signal });
    if (reply.ok) return { exitCode: 0, stdout: reply.payload, stderr: '' };
    signal.throwIfAborted();
    return refuse.environment(`Allocator ${name} did not run: ${reply.message}`, {
      about: 'verdict',
    });
  };
}
