/** What is asked again, of whom, and for how long: on a driven clock, with members made of a script. */
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Caller, type TokenSource } from '../../src/etcd/client/caller.js';
import type { Endpoint, Underway } from '../../src/etcd/client/endpoint.js';
import { NO_TOKENS, UserTokens } from '../../src/etcd/client/tokens.js';
import { isOutcomeUnknown } from '../../src/ports/kv-store.js';
import { ManualClock } from '../../src/testing/manual-clock.js';

const fail = (code: status, details: string): ServiceError =>
  Object.assign(new Error(details), { code, details, metadata: new Metadata() });

/** What a member does with a request; `mayHave`: whether it may have carried it out. */
const REACTIONS = {
  answers: { mayHave: true, error: undefined },
  'has no leader': {
    mayHave: false,
    error: fail(status.UNAVAILABLE, 'etcdserver: no leader'),
  },
  'wants a token': {
    mayHave: false,
    error: fail(status.UNAUTHENTICATED, 'etcdserver: invalid auth token'),
  },
  refuses: {
    mayHave: false,
    error: fail(status.PERMISSION_DENIED, 'etcdserver: permission denied'),
  },
  'fills its database': {
    mayHave: true,
    error: fail(status.RESOURCE_EXHAUSTED, 'etcdserver: mvcc: database space exceeded'),
  },
  'times out': { mayHave: true, error: fail(status.UNAVAILABLE, 'etcdserver: request timed out') },
  dies: { mayHave: true, error: fail(status.UNAVAILABLE, 'Connection dropped') },
  // What HTTP/2 has to say when the server hangs up, or its connection is not good enough.
  'was pinged too often': {
    mayHave: true,
    error: fail(status.RESOURCE_EXHAUSTED, 'Bandwidth exhausted or memory limit exceeded'),
  },
  'is not secure': {
    mayHave: true,
    error: fail(status.PERMISSION_DENIED, 'Protocol not secure enough'),
  },
  'takes no more': {
    mayHave: false,
    error: fail(status.RESOURCE_EXHAUSTED, 'grpc: received message larger than max (3 vs. 2)'),
  },
  'breaks down': { mayHave: true, error: fail(status.INTERNAL, 'whatever') },
  'is silent': { mayHave: true, error: 'silence' },
} as const;

type Reaction = keyof typeof REACTIONS;

/** Members that do, one request after the other, what the script says. */
class Stage {
  readonly clock = new ManualClock();
  readonly sent: Reaction[] = [];
  readonly askedAt: string[] = [];
  readonly #script: Reaction[];

  constructor(script: readonly Reaction[]) {
    this.#script = [...script];
  }

  caller(reachable: readonly (boolean | 'never')[], tokens: TokenSource = NO_TOKENS): Caller {
    const endpoints = reachable.map((is, n) => ({
      url: `m${n}`,
      connected: () => (is === 'never' ? new Promise<boolean>(() => {}) : Promise.resolve(is)),
      close: () => {},
    })) as unknown as readonly Endpoint[];
    const { clock } = this;
    return new Caller({ endpoints, clock, timeoutMs: 1_000, attemptMs: 300, tokens });
  }

  /** Lets time pass, from one timer to the next, until the work has ended. */
  async drive(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    const ended = work.finally(() => (isDone = true));
    for (await settled(); !isDone; await settled()) {
      if (!(await this.clock.advanceToNext())) throw new Error('Nothing is waited for, in vain');
    }
    await ended;
  }

  readonly send = ({ url }: Endpoint, token: string | undefined): Underway<string> => {
    const reaction = this.#script.shift() ?? 'has no leader';
    this.sent.push(reaction);
    this.askedAt.push(token === undefined ? url : `${url} as ${token}`);
    const { error } = REACTIONS[reaction];
    if (error === undefined) return { answer: Promise.resolve('done'), cancel: () => {} };
    if (error !== 'silence') return { answer: Promise.reject(error), cancel: () => {} };
    const cut = new AbortController();
    const answer = new Promise<string>((_resolve, reject) => {
      cut.signal.addEventListener('abort', () => reject(fail(status.CANCELLED, 'Cancelled')));
    });
    return { answer, cancel: () => cut.abort() };
  };
}

/** All promises that can go on have gone on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const reaction = fc.constantFrom(...(Object.keys(REACTIONS) as Reaction[]));
const reachable = fc.array(fc.constantFrom<boolean | 'never'>(true, true, false, 'never'), {
  minLength: 1,
  maxLength: 3,
});

test('what may have been carried out should not be sent again, unless it may be', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(reaction, { maxLength: 8 }),
      reachable,
      fc.boolean(),
      async (script, members, repeatable) => {
        const stage = new Stage(script);
        const caller = stage.caller(members);
        const outcome = { value: undefined as unknown };
        const asking = caller.call(stage.send, { repeatable }).then(
          (value) => (outcome.value = value),
          (error: unknown) => (outcome.value = error),
        );
        await stage.drive(asking);
        // R1: the time given, and one last try of what is sent but once.
        expect(stage.clock.monotonic()).toBeLessThanOrEqual(1_300);

        const mayHave = stage.sent.filter((name) => REACTIONS[name].mayHave);
        const isUnknown = isOutcomeUnknown(outcome.value);
        if (repeatable) {
          expect(isUnknown).toBe(false);
        } else {
          expect(mayHave.length).toBeLessThanOrEqual(1);
          if (outcome.value !== 'done') expect(isUnknown).toBe(mayHave.length === 1);
        }
        if (outcome.value !== 'done') expect(outcome.value).toMatchObject({ name: 'ConfigError' });
        expect(stage.clock.timers).toBe(0);
      },
    ),
    { numRuns: 500 },
  );
});

test('each member should get its turn, and its turn again', async () => {
  const stage = new Stage(['has no leader', 'has no leader', 'has no leader', 'answers']);
  const asking = stage.caller([true, true, true]).call(stage.send, { repeatable: false });
  await stage.clock.advance(0);
  await stage.clock.advance(1_000);
  expect(await asking).toBe('done');
  expect(stage.askedAt).toEqual(['m0', 'm1', 'm2', 'm0']);
});

test('the member that answered should be asked the next time', async () => {
  const stage = new Stage(['has no leader', 'answers', 'answers']);
  const caller = stage.caller([true, true]);
  await caller.call(stage.send, { repeatable: true });
  await caller.call(stage.send, { repeatable: true });
  expect(stage.askedAt).toEqual(['m0', 'm1', 'm1']);
});

test.each([
  // Pauses of 20, 50, 100, 200 and 400 ms leave 230 ms for a try that would take 300.
  [['dies', 'dies', 'dies', 'dies', 'dies', 'is silent'], 'm0: Connection dropped'],
  [['dies', 'is silent', 'is silent', 'is silent'], 'm0: no answer within 300 ms'],
  [['is silent', 'is silent', 'dies', 'dies', 'dies'], 'm0: Connection dropped'],
] as const)('given %j in vain, should tell what is known last: %s', async (script, says) => {
  const stage = new Stage(script);
  const asking = stage.caller([true]).call(stage.send, { repeatable: true });
  const failing = expect(asking).rejects.toThrow(says);
  await stage.clock.advance(0);
  await stage.clock.advance(1_000);
  await failing;
  expect(stage.sent).toEqual(script);
});

test('given no time left after a pause, should not ask in vain', async () => {
  const stage = new Stage([]);
  const failing = expect(stage.caller([true]).call(stage.send, { repeatable: true })).rejects;
  const ended = failing.toThrow('m0: etcdserver: no leader');
  await stage.clock.advance(0);
  await stage.clock.advance(1_000);
  await ended;
  expect(stage.sent).toHaveLength(6);
});

test('given a token that ran out, all calls together should get one new one', async () => {
  let given = 0;
  const tokens = new UserTokens(() => Promise.resolve(`token ${++given}`));
  const stage = new Stage(['wants a token', 'wants a token', 'answers', 'answers']);
  const caller = stage.caller([true], tokens);
  const rules = { repeatable: false };
  await Promise.all([caller.call(stage.send, rules), caller.call(stage.send, rules)]);
  expect(given).toBe(2);
  expect(stage.askedAt.slice(2)).toEqual(['m0 as token 2', 'm0 as token 2']);
});

test('given a client that is closed, what waits should end, and what was sent is unknown', async () => {
  const stage = new Stage(['is silent']);
  const waiting = stage.caller(['never']);
  const sent = stage.caller([true]);
  const waits = waiting.call(stage.send, { repeatable: false }).catch((error: unknown) => error);
  await stage.clock.advance(10);
  waiting.close();
  expect(await waits).toMatchObject({ code: 'closed' });
  const unknown = sent.call(stage.send, { repeatable: false }).catch((error: unknown) => error);
  await stage.clock.advance(10);
  sent.close();
  await stage.clock.advance(1_000);
  expect(isOutcomeUnknown(await unknown)).toBe(true);
  await expect(sent.call(stage.send, { repeatable: true })).rejects.toMatchObject({
    code: 'closed',
  });
});
