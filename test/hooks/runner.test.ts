import { describe, expect, test } from 'vitest';
import { Cancelled, HooksAborted, HooksFailed } from '../../src/errors.js';
import {
  DEFAULT_HOOK_POLICY,
  GANETI_HOOK_POLICY,
  type HookPolicy,
} from '../../src/hooks/policy.js';
import { type HookRun, runHooks } from '../../src/hooks/runner.js';
import type { NodeId } from '../../src/model/ids.js';
import type { HookNodes, HookScriptResult } from '../../src/ports/hook-node.js';
import { answered, failed, type Reply } from '../../src/ports/reply.js';

const [N1, N2] = ['n1' as NodeId, 'n2' as NodeId];
type Answer = Reply<readonly HookScriptResult[]>;

function door(answers: Readonly<Record<string, Answer>>, onCall = (): void => {}): HookNodes {
  return {
    runHooks: (nodes) => {
      onCall();
      return Promise.resolve(
        new Map(nodes.flatMap((n) => (answers[n] === undefined ? [] : [[n, answers[n]]]))),
      );
    },
  };
}

function run(
  phase: 'pre' | 'post',
  nodes: readonly NodeId[],
  signal = new AbortController().signal,
): HookRun {
  return { path: 'instance-add', phase, nodes, env: {}, signal, nameOf: (n) => `${n}.example.com` };
}

const fine = answered<readonly HookScriptResult[]>([{ script: '10-a', status: 'ok', output: '' }]);
const refused = answered<readonly HookScriptResult[]>([
  { script: '10-a', status: 'failed', output: 'no' },
  { script: '20-b', status: 'ok', output: '' },
]);

const all = (reaction: 'fail' | 'warn'): HookPolicy => ({
  onFailure: { pre: reaction, post: reaction },
  onUnreachable: { pre: reaction, post: reaction },
  onTimeout: { pre: reaction, post: reaction },
  failedCallsCount: false,
  timeoutMs: 1000,
});

describe('given hooks to run', () => {
  test('no nodes means no call', async () => {
    let calls = 0;
    const none = door({}, () => void calls++);
    expect(await runHooks(none, GANETI_HOOK_POLICY, run('pre', []))).toEqual([]);
    expect(calls).toBe(0);
  });

  test('a failing pre script refuses, naming node, script and words; others of the node are heard', async () => {
    const aborted = runHooks(
      door({ n1: fine, n2: refused }),
      GANETI_HOOK_POLICY,
      run('pre', [N1, N2]),
    );
    await expect(aborted).rejects.toBeInstanceOf(HooksAborted);
    await expect(aborted).rejects.toMatchObject({
      failures: [{ node: 'n2.example.com', script: '10-a', output: 'no' }],
    });
  });

  test('a failing post script is reported', async () => {
    const report = await runHooks(door({ n1: refused }), GANETI_HOOK_POLICY, run('post', [N1]));
    expect(report.map((row) => row.status)).toEqual(['failed', 'ok']);
  });

  test('an unreachable node is no veto in Ganeti, unless nobody answers', async () => {
    const dead = failed('no route', 'unreachable');
    const report = await runHooks(
      door({ n1: fine, n2: dead }),
      GANETI_HOOK_POLICY,
      run('pre', [N1, N2]),
    );
    expect(report[1]).toEqual({
      node: 'n2.example.com',
      script: '',
      status: 'unreachable',
      output: 'no route',
    });
    await expect(
      runHooks(door({}), GANETI_HOOK_POLICY, run('pre', [N1, N2])),
    ).rejects.toBeInstanceOf(HooksFailed);
  });

  test('a node that could not be asked has not answered, but for Ganeti', async () => {
    const doors = door({ n1: failed('no route', 'unreachable') });
    await expect(runHooks(doors, DEFAULT_HOOK_POLICY, run('pre', [N1, N2]))).rejects.toBeInstanceOf(
      HooksFailed,
    );
    const rows = await runHooks(doors, GANETI_HOOK_POLICY, run('pre', [N1, N2]));
    expect(rows.map(({ status }) => status)).toEqual(['unreachable', 'unreachable']);
  });

  test.each(['unreachable', 'timeout'] as const)('%s is a policy, per phase', async (failure) => {
    const answers = door({ n1: fine, n2: failed('silent', failure) });
    for (const phase of ['pre', 'post'] as const) {
      await expect(runHooks(answers, all('fail'), run(phase, [N1, N2]))).rejects.toMatchObject({
        phase,
      });
      expect(await runHooks(answers, all('warn'), run(phase, [N1, N2]))).toHaveLength(2);
    }
  });

  test('cancelling while scripts run is a cancellation', async () => {
    const abort = new AbortController();
    const answers = door({ n1: failed('aborted', 'aborted') }, () => abort.abort());
    await expect(
      runHooks(answers, GANETI_HOOK_POLICY, run('pre', [N1], abort.signal)),
    ).rejects.toBeInstanceOf(Cancelled);
  });
});
