/**
 * What every adapter that runs hook scripts promises, as tests that its author runs with any test
 * runner. Owns no node and no script: the fixture puts scripts on a node.
 */
import assert from 'node:assert/strict';
import type { NodeId } from '../../model/ids.js';
import type { HookNodes, HookScriptResult } from '../../ports/hook-node.js';
import { type Checks, type ContractFixture, declareChecks, type PortContract } from './declare.js';

/**
 * A hook script for a test.
 * @public
 */
export interface ContractHook {
  /** Its file name. */
  readonly script: string;
  /**
   * `succeed`: prints its file name and an empty line. `refuse`: the same, then exits with 1.
   * `show-environment`: prints its variables as `NAME=value`, one a line. `cannot-run`: is not
   * executable.
   */
  readonly does: 'succeed' | 'refuse' | 'show-environment' | 'cannot-run';
}

/**
 * A node with hooks to be tried, without any script at first.
 * @public
 */
export interface HookNodesFixture extends ContractFixture {
  /** The adapter. */
  readonly hooks: HookNodes;
  /** A node that it reaches. */
  readonly node: NodeId;
  /** A node that it does not reach. */
  readonly stranger: NodeId;
  /** Puts scripts into a hook directory of the node, `instance-add-pre.d` for example. */
  put(directory: string, scripts: readonly ContractHook[]): Promise<void>;
}

/**
 * Declares the tests of the hook port's promises.
 * @public
 */
export function hookNodesContract(contract: PortContract<HookNodesFixture>): void {
  declareChecks('hooks', CHECKS, contract);
}

const REQUEST = { path: 'instance-add', phase: 'pre', env: { PATH: '/usr/bin:/bin' } } as const;

const CHECKS: Checks<HookNodesFixture> = {
  'should run scripts in the order of their names, and the others after one refused': async (
    fixture,
  ) => {
    await fixture.put('instance-add-pre.d', [
      { script: '20-second', does: 'refuse' },
      { script: 'a-last', does: 'succeed' },
      { script: '10-first', does: 'succeed' },
      { script: '9-third', does: 'succeed' },
      { script: 'Z-fourth', does: 'cannot-run' },
    ]);
    const results = await run(fixture);
    assert.deepEqual(
      results.map(({ script, status }) => `${script} ${status}`),
      ['10-first ok', '20-second failed', '9-third ok', 'Z-fourth skipped', 'a-last ok'],
    );
    const said = results.filter(({ status }) => status !== 'skipped');
    for (const { script, output } of said) assert.equal(output, script, 'trimmed');
  },

  'should give scripts exactly the given environment': async (fixture) => {
    const env = { ...REQUEST.env, GANETI_INSTANCE_NAME: 'web1', GANETI_EMPTY: '' };
    await fixture.put('instance-add-pre.d', [{ script: 'show', does: 'show-environment' }]);
    const [shown] = await run(fixture, { ...REQUEST, env });
    // Several lines may have been put on one, with the breaks escaped.
    assert.deepEqual(shown?.output.split(/\n|\\n/).sort(), [
      'GANETI_EMPTY=',
      'GANETI_INSTANCE_NAME=web1',
      'PATH=/usr/bin:/bin',
    ]);
  },

  'should run the scripts of the path and phase that are asked for only': async (fixture) => {
    await fixture.put('instance-add-pre.d', [{ script: 'before', does: 'succeed' }]);
    await fixture.put('instance-add-post.d', [{ script: 'after', does: 'refuse' }]);
    const names = async (request: HookRequest): Promise<readonly string[]> =>
      (await run(fixture, request)).map(({ script }) => script);
    assert.deepEqual(await names(REQUEST), ['before']);
    assert.deepEqual(await names({ ...REQUEST, phase: 'post' }), ['after']);
    assert.deepEqual(await names({ ...REQUEST, path: 'instance-remove' }), []);
  },

  'given a node that it does not reach, then it says so of that node only': async (fixture) => {
    const { hooks, node, stranger } = fixture;
    await fixture.put('instance-add-pre.d', [{ script: 'here', does: 'succeed' }]);
    const replies = await hooks.runHooks([stranger, node], REQUEST);
    const [there, here] = [replies.get(stranger), replies.get(node)];
    assert.equal(there?.ok === false && there.failure, 'unreachable');
    assert.equal(here?.ok === true && here.payload.length, 1);
  },

  'given a call that was cancelled, then it is answered so': async ({ hooks, node, put }) => {
    await put('instance-add-pre.d', [{ script: 'never', does: 'succeed' }]);
    const replies = await hooks.runHooks([node], REQUEST, { signal: AbortSignal.abort() });
    const reply = replies.get(node);
    assert.equal(reply?.ok === false && reply.failure, 'aborted');
  },
};

type HookRequest = Parameters<HookNodes['runHooks']>[1];

async function run(
  { hooks, node }: HookNodesFixture,
  request: HookRequest = REQUEST,
): Promise<readonly HookScriptResult[]> {
  const reply = (await hooks.runHooks([node], request)).get(node);
  if (reply?.ok === true) return reply.payload;
  return assert.fail(`the hooks did not run: ${reply?.message ?? 'no answer'}`);
}
