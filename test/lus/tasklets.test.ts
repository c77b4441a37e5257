import { expect, test } from 'vitest';
import { refuse } from '../../src/errors.js';
import { everyone } from '../../src/locks/plan.js';
import { type ExecContext, LogicalUnit, type PrereqContext } from '../../src/lu-base.js';
import { checkTasklets, execTasklets, type Tasklet, type TaskletPlans } from '../../src/tasklet.js';
import { TestCluster } from '../../src/testing/test-cluster.js';

/** Labels an instance; its plan is the label, its result the number of labels. */
class TagTasklet implements Tasklet<{ tag: string; id: string }, number> {
  readonly #name: string;
  readonly #tag: string;

  constructor(name: string, tag: string) {
    this.#name = name;
    this.#tag = tag;
  }

  checkPrereq({ config, report }: PrereqContext): { tag: string; id: string } {
    report.info(`check ${this.#name}`);
    const { id } = config.findInstance(this.#name) ?? refuse.unknown(`no ${this.#name}`);
    return { tag: this.#tag, id };
  }

  async exec({ tag, id }: { tag: string; id: string }, { config }: ExecContext): Promise<number> {
    await config.commit(`tag ${tag}`, (draft) =>
      draft.update('instance', id, (instance) => void instance.tags.push(tag)),
    );
    return config.find('instance', id)?.tags.length ?? 0;
  }
}

/** Counts instances; its plan and result are of another type. */
class CountTasklet implements Tasklet<string, readonly string[]> {
  checkPrereq(): Promise<string> {
    return Promise.resolve('all');
  }
  exec(plan: string, { config, report }: ExecContext): readonly string[] {
    report.info(`exec ${plan}`);
    return [...config.all('instance')].map(({ name }) => name);
  }
}

type List = readonly [TagTasklet, CountTasklet, TagTasklet];

interface Phases {
  op: { readonly second: string };
  args: { readonly list: List };
  names: { readonly list: List };
  plan: { readonly list: List; readonly plans: TaskletPlans<List> };
  result: readonly [number, readonly string[], number];
}

class LUTagBoth extends LogicalUnit<Phases> {
  readonly name = 'OP_TAG_BOTH';

  checkArguments({ second }: Phases['op']): Phases['args'] {
    const list = [
      new TagTasklet('a', 'x'),
      new CountTasklet(),
      new TagTasklet(second, 'y'),
    ] as const;
    return { list };
  }
  expandNames(args: Phases['args']) {
    return { names: args, locks: { instance: everyone('exclusive') } };
  }
  async checkPrereq({ list }: Phases['names'], ctx: PrereqContext): Promise<Phases['plan']> {
    return { list, plans: await checkTasklets(list, ctx) };
  }
  exec({ list, plans }: Phases['plan'], ctx: ExecContext): Promise<Phases['result']> {
    return execTasklets(list, plans, ctx);
  }
}

const TWO = { instances: [{ name: 'a' }, { name: 'b' }] };

test('given tasklets, when an LU runs them, then all are checked before the first one works', async () => {
  const cluster = await TestCluster.open(TWO);
  const result = await cluster.run(new LUTagBoth(), { second: 'b' });
  expect([result[0], [...result[1]].sort(), result[2]]).toEqual([1, ['a', 'b'], 1]);
  expect(cluster.transcript.filter((line) => !line.startsWith('lock'))).toEqual([
    'info check a',
    'info check b',
    'commit tag x',
    'info exec all',
    'commit tag y',
  ]);
});

test('given a tasklet that may not proceed, when an LU runs them, then none works', async () => {
  const cluster = await TestCluster.open(TWO);
  const run = cluster.run(new LUTagBoth(), { second: 'c' });
  await expect(run).rejects.toMatchObject({ code: 'unknown_entity' });
  expect(cluster.config.findInstance('a')?.tags).toEqual([]);
});

test('given a caller who gives up, when tasklets run, then the next one does not begin', async () => {
  const cluster = await TestCluster.open(TWO);
  const abort = new AbortController();
  const run = cluster.run(
    new LUTagBoth(),
    { second: 'b' },
    {
      signal: abort.signal,
      onReport: ({ type }) => {
        if (type === 'commit') abort.abort();
      },
    },
  );
  await expect(run).rejects.toMatchObject({ kind: 'cancelled' });
  expect(cluster.config.findInstance('b')?.tags).toEqual([]);
});

test('given plans of another list, when tasklets run, then that is a defect, and said', async () => {
  class LUMixed extends LUTagBoth {
    override exec({ list, plans }: Phases['plan'], ctx: ExecContext): Promise<Phases['result']> {
      const [first, , third] = plans;
      return execTasklets(list, [first, third] as never, ctx);
    }
  }
  const cluster = await TestCluster.open(TWO);
  const run = cluster.run(new LUMixed(), { second: 'b' });
  await expect(run).rejects.toThrow('2 plans for 3 tasklets; pass all of them');
});
