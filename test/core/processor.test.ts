import { expect, test } from 'vitest';
import { z } from 'zod';
import { GANETI_COMPATIBILITY } from '../../src/compatibility.js';
import { HooksAborted, TemporaryShortage } from '../../src/errors.js';
import { GANETI_HOOK_POLICY } from '../../src/hooks/policy.js';
import { everyone, exclusive } from '../../src/locks/plan.js';
import {
  type ExecContext,
  LogicalUnit,
  type NamesContext,
  parseOp,
  WithJobs,
} from '../../src/lu-base.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { TestCluster } from '../../src/testing/test-cluster.js';

const Op = z.strictObject({ instance: z.string().min(1), tag: z.string().min(1) });
interface Op {
  instance: string;
  tag: string;
}
interface TagPhases {
  op: unknown;
  args: Op;
  names: Op & { id: string };
  plan: Op & { id: string };
  result: string;
}

class LUTag extends LogicalUnit<TagPhases> {
  readonly name: string = 'OP_INSTANCE_TAG';
  checkArguments(op: unknown) {
    return parseOp(Op, op);
  }
  expandNames(args: Op, { config }: NamesContext) {
    const found = config.findInstance(args.instance);
    if (found === undefined) throw new Error('the test needs the instance');
    return { names: { ...args, id: found.id }, locks: { instance: exclusive(found.name) } };
  }
  checkPrereq(names: TagPhases['names']) {
    return names;
  }
  async exec({ id, tag }: TagPhases['plan'], { config }: ExecContext): Promise<string> {
    await config.commit('tag', (draft) =>
      draft.update('instance', id, (i) => void i.tags.push(tag)),
    );
    return 'tagged';
  }
}

const web1 = { instances: [{ name: 'web1.example.com' }] };

test('given an instance, when it is tagged, then its lock is taken and the tag written', async () => {
  const cluster = await TestCluster.open(web1);
  expect(await cluster.run(new LUTag(), { instance: 'web1', tag: 'prod' })).toBe('tagged');
  expect(cluster.config.findInstance('web1')?.tags).toEqual(['prod']);
  expect(cluster.transcript).toEqual([
    'lock cluster/BGL',
    'lock instance/web1.example.com',
    'commit tag',
  ]);
  expect(await cluster.leftovers()).toEqual([]);
});

test('given a bad request, when it is run, then it is refused before any lock is taken', async () => {
  const cluster = await TestCluster.open(web1);
  const bad = { instance: 'web1', colour: 'red' };
  await expect(cluster.run(new LUTag(), bad)).rejects.toMatchObject({
    code: 'wrong_input',
    message: expect.stringMatching(/tag: .*'colour'/s) as string,
  });
  expect(cluster.transcript).toEqual([]);
});

test('given an error in an LU, when it is run, then a typed error comes out and nothing is held', async () => {
  const cluster = await TestCluster.open();
  const run = cluster.run(new LUTag(), { instance: 'none', tag: 'x' });
  await expect(run).rejects.toMatchObject({ kind: 'exec', leaked: [] });
  expect(await cluster.leftovers()).toEqual([]);
});

class LUUndone extends LUTag {
  override async exec(plan: TagPhases['plan'], ctx: ExecContext): Promise<string> {
    await ctx.undo.defer({ what: 'first', action: 'note', args: { n: 1 } });
    const kept = await ctx.undo.defer({ what: 'second', action: 'note', args: { n: 2 } });
    await ctx.undo.defer({ what: 'third', action: 'broken', args: {} });
    await kept.discard();
    return super.exec({ ...plan, id: 'nowhere' }, ctx);
  }
}

test('given effects, when the work fails, then they are undone last first and leaks are named', async () => {
  const undone: unknown[] = [];
  const cluster = await TestCluster.open({
    ...web1,
    undoActions: {
      note: (args) => Promise.resolve(void undone.push(args['n'])),
      broken: () => Promise.reject(new Error('no way')),
    },
  });
  const run = cluster.run(new LUUndone(), { instance: 'web1', tag: 'x' });
  await expect(run).rejects.toMatchObject({ leaked: [{ what: 'third', reason: 'no way' }] });
  expect(undone).toEqual([1]);
  expect(cluster.transcript.slice(-2)).toEqual(['leak third: no way', 'undo first']);
  expect((await cluster.leftovers()).every((line) => line.startsWith('journal '))).toBe(true);
});

test('given an abort during the work, then the operation is cancelled and undone', async () => {
  const abort = new AbortController();
  class LUAborted extends LUTag {
    override async exec(plan: TagPhases['plan'], ctx: ExecContext): Promise<string> {
      await ctx.undo.defer({ what: 'effect', action: 'note', args: {} });
      abort.abort(new Error('user pressed stop'));
      return super.exec(plan, ctx);
    }
  }
  const cluster = await TestCluster.open({
    ...web1,
    undoActions: { note: () => Promise.resolve() },
  });
  const run = cluster.run(
    new LUAborted(),
    { instance: 'web1', tag: 'x' },
    { signal: abort.signal },
  );
  await expect(run).rejects.toMatchObject({ kind: 'cancelled', leaked: [] });
  expect(cluster.transcript.at(-1)).toBe('undo effect');
});

class LUHooked extends LUTag {
  override readonly hooks = {
    path: 'instance-tag',
    objectType: 'INSTANCE' as const,
    env: ({ plan }: { plan: Op }) => ({ INSTANCE_NAME: plan.instance, FORCE: false }),
    nodes: () => ({ pre: [nodeIdOf('node1')], post: [] }),
    postNodes: () => [nodeIdOf('node1'), nodeIdOf('node1')],
    onPost: (_report: unknown, result: string) => `${result}, told`,
  };
}

test('given hooks, then pre and post scripts see the environment and post may extend nodes', async () => {
  const envs: Record<string, string>[] = [];
  const cluster = await TestCluster.open({
    ...web1,
    hook: ({ env }) => {
      envs.push({ ...env });
      return [{ script: '10-log', status: 'ok', output: 'fine' }];
    },
  });
  const result = await cluster.run(new LUHooked(), { instance: 'web1', tag: 'x' });
  expect(result).toBe('tagged, told');
  expect(envs).toHaveLength(2);
  expect(envs[0]).toMatchObject({
    GANETI_HOOKS_PHASE: 'pre',
    GANETI_OP_CODE: 'OP_INSTANCE_TAG',
    GANETI_INSTANCE_NAME: 'web1',
    GANETI_FORCE: 'False',
  });
  expect(envs[0]).not.toHaveProperty('GANETI_POST_FORCE');
  expect(envs[1]).toMatchObject({ GANETI_HOOKS_PHASE: 'post', GANETI_POST_FORCE: 'False' });
});

test('given a pre hook that refuses, then nothing is changed', async () => {
  const cluster = await TestCluster.open({
    ...web1,
    hook: () => [{ script: '00-no', status: 'failed', output: 'not today' }],
  });
  const run = cluster.run(new LUHooked(), { instance: 'web1', tag: 'x' });
  await expect(run).rejects.toBeInstanceOf(HooksAborted);
  await expect(run).rejects.toMatchObject({
    failures: [{ node: 'node1', script: '00-no', output: 'not today' }],
  });
  expect(cluster.config.findInstance('web1')?.tags).toEqual([]);
  expect(await cluster.leftovers()).toEqual([]);
});

test('given no node that answers, then pre hooks fail, but post hooks only warn', async () => {
  const cluster = await TestCluster.open({ ...web1, hook: () => [] });
  cluster.nodes.faults.add({ method: 'hooks' });
  await expect(cluster.run(new LUHooked(), { instance: 'web1', tag: 'x' })).rejects.toMatchObject({
    name: 'HooksFailed',
  });
  cluster.nodes.faults.clear();
  cluster.nodes.faults.add({ method: 'hooks', nth: 2 });
  expect(await cluster.run(new LUHooked(), { instance: 'web1', tag: 'y' })).toBe('tagged, told');
  expect(cluster.transcript.some((line) => line.startsWith('warn post hooks'))).toBe(true);
});

test('given a strict policy, when a post hook fails, then the error says that the work stays', async () => {
  const cluster = await TestCluster.open({
    ...web1,
    hook: ({ phase }) => [
      { script: '50-tell', status: phase === 'post' ? 'failed' : 'ok', output: 'deaf' },
    ],
    compatibility: {
      hooks: { ...GANETI_HOOK_POLICY, onFailure: { pre: 'fail', post: 'fail' } },
    },
  });
  const run = cluster.run(new LUHooked(), { instance: 'web1', tag: 'x' });
  await expect(run).rejects.toMatchObject({ phase: 'post', kind: 'hooks' });
  expect(cluster.config.findInstance('web1')?.tags).toEqual(['x']);
  expect(await cluster.leftovers()).toEqual([]);
});

test('given follow-up jobs, then they are submitted after success and their ids reach the result', async () => {
  class LUFollowed extends LUTag {
    override readonly name = 'OP_FOLLOWED';
    override exec(): Promise<never> {
      const jobs = [[{ op: 'OP_INSTANCE_STARTUP', params: { instance: 'web1' } }]];
      return Promise.resolve(new WithJobs(jobs, (ids) => `jobs ${ids.join(',')}`) as never);
    }
  }
  const op = { instance: 'web1', tag: 'x' };
  const without = await TestCluster.open(web1);
  await expect(without.run(new LUFollowed(), op)).rejects.toMatchObject({ kind: 'bug' });
  const cluster = await TestCluster.open({
    ...web1,
    submitter: { submit: (jobs) => Promise.resolve(jobs.map((_job, at) => String(at + 7))) },
  });
  expect(await cluster.run(new LUFollowed(), op)).toBe('jobs 7');
});

test('given a result against its schema, then it is a ResultError', async () => {
  class LUSchema extends LUTag {
    override readonly resultSchema = z.literal('something else');
  }
  const cluster = await TestCluster.open(web1);
  await expect(cluster.run(new LUSchema(), { instance: 'web1', tag: 'x' })).rejects.toMatchObject({
    kind: 'result',
  });
});

interface GreedyPhases {
  op: { greedy: boolean };
  args: { greedy: boolean };
  names: { greedy: boolean };
  plan: { greedy: boolean };
  result: string;
}
class LUGreedy extends LogicalUnit<GreedyPhases> {
  readonly name = 'OP_GREEDY';
  checkArguments(op: GreedyPhases['op']) {
    return op;
  }
  expandNames(names: GreedyPhases['names']) {
    const node = names.greedy ? everyone('exclusive') : exclusive(nodeIdOf('node1'));
    return { names, locks: { node } };
  }
  checkPrereq(names: GreedyPhases['names']) {
    if (!names.greedy) throw new TemporaryShortage('no room');
    return names;
  }
  exec() {
    return 'done';
  }
  override prepareRetry() {
    return { greedy: true };
  }
}

test('given a temporary shortage, then the next attempt starts from a new request', async () => {
  const cluster = await TestCluster.open({ nodes: [{ name: 'node1' }, { name: 'node2' }] });
  expect(await cluster.run(new LUGreedy(), { greedy: false })).toBe('done');
  expect(cluster.transcript).toEqual([
    'lock cluster/BGL',
    'lock node/node-node1',
    'retry no room',
    'lock cluster/BGL',
    'lock node/node-node1 node/node-node2',
  ]);
});

test('given a dry run, then the plan and its locks are shown and nothing is changed', async () => {
  const cluster = await TestCluster.open(web1);
  const before = cluster.config.serial;
  const preview = await cluster.plan(new LUHooked(), { instance: 'web1', tag: 'x' });
  expect(preview).toMatchObject({
    plan: { tag: 'x' },
    locks: { instance: ['web1.example.com'] },
  });
  expect(cluster.config.serial).toBe(before);
  expect(cluster.transcript.some((line) => line.includes('hooks'))).toBe(false);
  expect(await cluster.leftovers()).toEqual([]);
});

test('given two operations on one instance, then the second waits for the first', async () => {
  const cluster = await TestCluster.open(web1);
  let release = (): void => {};
  class LUSlow extends LUTag {
    override async exec(plan: TagPhases['plan'], ctx: ExecContext): Promise<string> {
      await new Promise<void>((resolve) => (release = resolve));
      return super.exec(plan, ctx);
    }
  }
  const slow = cluster.run(new LUSlow(), { instance: 'web1', tag: 'a' });
  while (cluster.transcript.length < 2) await Promise.resolve();
  const fast = cluster.run(new LUTag(), { instance: 'web1', tag: 'b' });
  while (!cluster.events.some((event) => event.type === 'lockWait')) await Promise.resolve();
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  release();
  await Promise.all([slow, fast]);
  expect(cluster.config.findInstance('web1')?.tags).toEqual(['a', 'b']);
});

test('given a lock timeout, then the error names who holds the lock', async () => {
  const cluster = await TestCluster.open(web1);
  let release = (): void => {};
  class LUSlow extends LUTag {
    override async exec(plan: TagPhases['plan'], ctx: ExecContext): Promise<string> {
      await new Promise<void>((resolve) => (release = resolve));
      return super.exec(plan, ctx);
    }
  }
  const slow = cluster.run(new LUSlow(), { instance: 'web1', tag: 'a' }, { jobId: 'job-1' });
  while (cluster.transcript.length < 2) await Promise.resolve();
  const op = { instance: 'web1', tag: 'b' };
  const fast = cluster.run(new LUTag(), op, { lockTimeoutMs: 500 });
  const refused = expect(fast).rejects.toMatchObject({
    name: 'LockTimeout',
    blockers: [{ lock: 'instance/web1.example.com', owner: 'job-1' }],
  });
  while (cluster.clock.timers === 0) await Promise.resolve();
  await cluster.clock.advance(500);
  await refused;
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  release();
  await slow;
  expect(await cluster.leftovers()).toEqual([]);
});

test('given an operation that runs, when another one takes its id, then it is refused and holds nothing', async () => {
  const cluster = await TestCluster.open(web1);
  let release = (): void => {};
  class LUSlow extends LUTag {
    override async exec(plan: TagPhases['plan'], ctx: ExecContext): Promise<string> {
      await new Promise<void>((resolve) => (release = resolve));
      return super.exec(plan, ctx);
    }
  }
  const op = { instance: 'web1', tag: 'a' };
  const slow = cluster.run(new LUSlow(), op, { jobId: 'same' });
  while (cluster.transcript.length < 2) await Promise.resolve();
  const second = cluster.run(new LUTag(), op, { jobId: 'same' });
  await expect(second).rejects.toMatchObject({ kind: 'bug' });
  expect(await cluster.leftovers()).toContain('lock instance/web1.example.com');
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  release();
  expect(await slow).toBe('tagged');
  const again = cluster.run(new LUTag(), { ...op, tag: 'b' }, { jobId: 'same' });
  expect(await again).toBe('tagged');
});

const failsAfterwards: Readonly<Record<string, (cluster: typeof TestCluster) => Promise<unknown>>> =
  {
    'a submitter that refuses': async () => {
      class LUFollowed extends LogicalUnit<TagPhases> {
        readonly name = 'OP_FOLLOWED';
        checkArguments(op: unknown) {
          return parseOp(Op, op);
        }
        expandNames(args: Op) {
          return { names: { ...args, id: '' }, locks: {} };
        }
        checkPrereq(names: TagPhases['names']) {
          return names;
        }
        exec() {
          return new WithJobs<string>([], () => 'never');
        }
      }
      const cluster = await TestCluster.open({
        submitter: { submit: () => Promise.reject(new Error('queue is full')) },
      });
      return cluster.run(new LUFollowed(), { instance: 'web1', tag: 'x' });
    },
    'a post environment that throws': async () => {
      class LUBroken extends LUTag {
        override readonly hooks = {
          path: 'instance-tag',
          objectType: 'INSTANCE' as const,
          env: ({ phase }: { phase: 'pre' | 'post' }) => {
            if (phase === 'post') throw new Error('queue is full');
            return {};
          },
          nodes: () => ({ pre: [], post: [nodeIdOf('node1')] }),
        };
      }
      const cluster = await TestCluster.open(web1);
      return cluster.run(new LUBroken(), { instance: 'web1', tag: 'x' });
    },
  };

test.each(Object.keys(failsAfterwards))(
  'given %s, when the work is done, then the error says that it stays',
  async (what) => {
    await expect(failsAfterwards[what]?.(TestCluster)).rejects.toMatchObject({
      kind: 'result',
      message: expect.stringMatching(/done and stays.*queue is full/) as string,
    });
  },
);

test('given an LU that ignores the signal, when the caller gives up, then it need not be waited for', async () => {
  class LUDeaf extends LUTag {
    override checkPrereq(): never {
      // The type says at once; a deaf LU says never.
      return new Promise<never>(() => {}) as never;
    }
  }
  const cluster = await TestCluster.open(web1);
  const abort = new AbortController();
  const run = cluster.run(new LUDeaf(), { instance: 'web1', tag: 'x' }, { signal: abort.signal });
  while (cluster.transcript.length < 2) await Promise.resolve();
  abort.abort();
  await expect(run).rejects.toMatchObject({ kind: 'cancelled' });
  expect(await cluster.leftovers()).toEqual([]);
});

test('given an LU that wants the cluster for itself, then others wait for it', async () => {
  class LUAlone extends LUTag {
    override readonly bigLock = 'exclusive';
  }
  const cluster = await TestCluster.open(web1);
  const op = { instance: 'web1', tag: 'a' };
  await Promise.all([
    cluster.run(new LUAlone(), op),
    cluster.run(new LUTag(), { ...op, tag: 'b' }),
  ]);
  const waits = cluster.events.filter((event) => event.type === 'lockWait');
  expect(waits).toMatchObject([{ level: 'cluster' }]);
});

test("given Ganeti's compatibility, when an operation is planned, then pre hooks run and may refuse", async () => {
  const heard: string[] = [];
  class LUHeard extends LUHooked {
    override readonly hooks = {
      ...new LUHooked().hooks,
      onPre: (report: readonly { script: string }[]) => {
        heard.push(...report.map((row) => row.script));
      },
    };
  }
  const cluster = await TestCluster.open({
    ...web1,
    compatibility: GANETI_COMPATIBILITY,
    hook: ({ phase }) => [{ script: `10-${phase}`, status: 'ok', output: '' }],
  });
  await cluster.plan(new LUHeard(), { instance: 'web1', tag: 'x' });
  expect(heard).toEqual(['10-pre']);
  expect(cluster.config.findInstance('web1')?.tags).toEqual([]);
});
