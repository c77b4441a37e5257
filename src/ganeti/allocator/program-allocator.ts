/**
 * Allocator programs, Ganeti's `hail` among them: anything that reads a request of the allocator
 * protocol and prints an answer. Where and how the program runs is the caller's business.
 */
import { LuError, PrereqError, refuse } from '../../errors.js';
import type { NodeId } from '../../model/ids.js';
import type {
  AllocationAnswer,
  AllocationRequest,
  AllocationView,
  Allocator,
} from '../../ports/allocator.js';
import type { ConfigReader } from '../../ports/config-store.js';
import { parseAllocatorAnswer, programFailed } from './answer.js';
import { askNodes } from './ask-nodes.js';
import { lessClaimed } from './claimed.js';
import { allocateMessage } from './message.js';

/**
 * What came of a program.
 * @public
 */
export interface ProgramOutput {
  /** 0 if it understood the request, whether or not it found a place. */
  readonly exitCode: number;
  /** The answer. */
  readonly stdout: string;
  /** Warnings, or why it failed. */
  readonly stderr: string;
}

/**
 * Runs the allocator program of a name on a request, which is JSON text. Rejects if it cannot be
 * run or if the signal is aborted; a program that fails is no reason to reject. It bounds the
 * program's time itself (Ganeti's bound is 15 minutes).
 * @public
 */
export type RunProgram = (
  name: string,
  json: string,
  signal: AbortSignal,
) => Promise<ProgramOutput>;

/** Names that Ganeti would look up in its allocator directories: nothing that leads elsewhere. */
const NAME = /^[\w-]+$/;

/**
 * Chooses nodes by a program that speaks Ganeti's allocator protocol. Each choice is made on one
 * snapshot of the configuration and on what the nodes say at that time.
 * @public
 */
export class ProgramAllocator implements Allocator {
  /** The program's name. */
  readonly name: string;
  readonly #run: RunProgram;

  /** Throws `PrereqError` `wrong_input` if the name has anything but letters, digits, `_`, `-`. */
  constructor(name: string, run: RunProgram) {
    if (!NAME.test(name)) {
      refuse.input(`'${name}' is no name of an allocator; use letters, digits, _ and -`);
    }
    this.name = name;
    this.#run = run;
  }

  /**
   * Asks the nodes, then the program. Throws `PrereqError` `environment_error` if a node does not
   * answer, or the program fails or prints no answer, `unknown_entity` if it chose something that
   * is no node, and `ResultError` if it did not choose as many nodes as are wanted.
   */
  async allocate(request: AllocationRequest, view: AllocationView): Promise<AllocationAnswer> {
    const config = view.config.snapshot();
    const asked = await askNodes(request, { ...view, config });
    const live = lessClaimed(asked, request, view.claimed);
    const message = JSON.stringify(allocateMessage(request, config, live));
    const { exitCode, stdout, stderr } = await this.#start(message, view.signal);
    if (exitCode !== 0) throw programFailed(this.name, exitCode, stderr);
    const answer = parseAllocatorAnswer(stdout, request.requiredNodes);
    if (!answer.success) return { found: false, info: answer.info };
    const nodes = answer.nodes.map((name) => this.#nodeOf(name, config));
    return { found: true, nodes, info: answer.info };
  }

  async #start(message: string, signal: AbortSignal): Promise<ProgramOutput> {
    signal.throwIfAborted();
    try {
      return await this.#run(this.name, message, signal);
    } catch (error) {
      if (signal.aborted || LuError.is(error)) throw error;
      const reason = error instanceof Error ? error.message : 'no reason given';
      throw new PrereqError(
        `Allocator ${this.name} cannot be run: ${reason}`,
        'environment_error',
        { cause: error, about: 'verdict' },
      );
    }
  }

  #nodeOf(name: string, config: ConfigReader): NodeId {
    for (const node of config.all('node')) if (node.name === name) return node.id;
    return refuse.unknown(`Allocator ${this.name} chose '${name}', which is no node`);
  }
}
