/**
 * The transport's own promises, against a server that behaves as badly as it is told. What real node
 * daemons answer is in test/ganeti-real.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  HttpsTransport,
  type HttpsTransportOptions,
  type NodeAnswer,
  type NodeCall,
  type WireValue,
} from '../../../src/ganeti/index.js';
import type { NodeId } from '../../../src/model/ids.js';
import { Secret } from '../../../src/model/secret.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { CLIENT, credentials, SERVER } from './pki.js';

/** A request as it arrived. */
interface Arrived {
  readonly path: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
  readonly authorized: boolean;
}

/** What the server does with the request of a number, from 0. */
type Behaviour = (response: ServerResponse, number: number) => void;

interface World {
  readonly transport: HttpsTransport;
  readonly clock: ManualClock;
  readonly arrived: Arrived[];
  /** Resolves when so many requests have arrived. */
  has(count: number): Promise<void>;
}

async function world(
  behave: Behaviour,
  options: Partial<HttpsTransportOptions> = {},
): Promise<World> {
  const arrived: Arrived[] = [];
  const waiting: { readonly count: number; readonly done: () => void }[] = [];
  const server = createServer({ cert: SERVER, key: SERVER, ca: SERVER, requestCert: true });
  server.on('request', (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      const authorized = 'authorized' in request.socket && request.socket.authorized === true;
      arrived.push({ path, body, headers, authorized });
      behave(response, arrived.length - 1);
      for (const { count, done } of waiting) if (arrived.length >= count) done();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const clock = new ManualClock();
  return {
    transport: new HttpsTransport({ credentials: credentials(), clock, port, ...options }),
    clock,
    arrived,
    has: (count) =>
      new Promise((done) => {
        if (arrived.length >= count) done();
        else waiting.push({ count, done });
      }),
  };
}

function callOf(procedure: string, args: readonly WireValue[] = [], offline = false): NodeCall {
  const node = { id: 'n1' as NodeId, name: 'node1', address: '127.0.0.1', offline };
  return { procedure, multi: false, nodes: [node], args: {}, wire: () => args };
}

async function ask(
  { transport }: Pick<World, 'transport'>,
  call: NodeCall,
  options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
): Promise<NodeAnswer> {
  const [answer] = (await transport.call(call, { timeoutMs: 60_000, ...options })).values();
  if (answer === undefined) throw new Error('no answer for the node');
  return answer;
}

const says =
  (body: string, status = 200): Behaviour =>
  (response) =>
    void response.writeHead(status).end(body);

const hangsUp: Behaviour = (response) => void response.destroy();

/** Lets real input and output happen, and time pass, until the answer is there. */
async function soon<T>(clock: ManualClock, waited: Promise<T>): Promise<T> {
  let done = false;
  const answer = waited.finally(() => (done = true));
  while (!done) {
    await clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return answer;
}

describe('a call', () => {
  test('is one request with a length, on a connection that ends', async () => {
    const on = await world(says('[true, {"a": 1}]\n'));
    expect(await ask(on, callOf('blockdev_create', ['ü', { b: null }]))).toEqual({
      ok: true,
      payload: { a: 1 },
    });
    const [request] = on.arrived;
    expect(request).toMatchObject({
      path: '/blockdev_create',
      body: '["\\u00fc",{"b":null}]',
      authorized: true,
      headers: { connection: 'close', 'content-length': '21' },
    });
    expect(request?.headers).not.toHaveProperty('transfer-encoding');
  });

  test('to a node that is offline is answered without being made', async () => {
    const on = await world(says('[true, null]'));
    const answer = await ask(on, callOf('vg_list', [], true));
    expect(answer).toMatchObject({ ok: false, failure: 'offline' });
    expect(on.arrived).toEqual([]);
  });

  test('that was cancelled before is not made', async () => {
    const on = await world(says('[true, null]'));
    const answer = await ask(on, callOf('vg_list'), { signal: AbortSignal.abort() });
    expect(answer).toMatchObject({ ok: false, failure: 'aborted' });
    expect(on.arrived).toEqual([]);
  });

  test('opens secrets for the node, and does not let it tell them', async () => {
    const on = await world(says('[false, "what is hunter2, a password?"]'));
    const answer = await ask(on, callOf('instance_os_add', [{ pw: new Secret('hunter2') }]));
    expect(on.arrived[0]?.body).toBe('[{"pw":"hunter2"}]');
    expect(answer).toMatchObject({ message: 'what is <redacted>, a password?' });
  });

  test('shows no key when it is looked at', async () => {
    const on = await world(says('[true, null]'));
    const shown = inspect(on.transport, { depth: 9, showHidden: true });
    expect(shown).not.toContain(CLIENT.split('\n')[5]);
  });
});

describe('an answer', () => {
  test.each([
    ['[false, "no bridge br7"]', 'no bridge br7'],
    ['[false, "Error while executing backend function: too many"]', 'too many'],
    ['[false, ""]', 'without a reason'],
    ['[false, null]', 'without a reason'],
    ['[false, "Error while executing backend function: "]', 'without a reason'],
    ['[true]', 'not the answer of a node daemon'],
    ['{"a": 1}', 'not the answer of a node daemon'],
    ['hunter2', 'not the answer of a node daemon'],
    ['[true, {"__proto__": 1}]', 'not the answer of a node daemon'],
    ['', 'not the answer of a node daemon'],
  ])('%s is a failure that says why', async (body, words) => {
    const on = await world(says(body));
    const answer = await ask(on, callOf('vg_list'));
    expect(answer).toMatchObject({ ok: false, failure: 'failed' });
    expect(answer.ok ? '' : answer.message).toContain(words);
    expect(answer.ok ? '' : answer.message).not.toContain('hunter2');
  });

  test.each([
    [500, 'failed'],
    [404, 'failed'],
    [403, 'not_authorised'],
  ])('with HTTP status %i is %s', async (status, failure) => {
    const on = await world(says('oh', status));
    expect(await ask(on, callOf('vg_list'))).toMatchObject({ ok: false, failure });
  });

  test('that is too long is not read', async () => {
    const on = await world(says(`[true, "${'x'.repeat(5000)}"]`), { maxAnswerBytes: 1000 });
    expect(await ask(on, callOf('vg_list'))).toMatchObject({ ok: false, failure: 'failed' });
  });

  test('that ends half-way is none', async () => {
    const on = await world((response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('[true, ', () => response.destroy());
    });
    expect(await ask(on, callOf('blockdev_create'))).toMatchObject({
      ok: false,
      failure: 'unreachable',
    });
  });
});

describe('a connection that is lost', () => {
  const thenAnswers: Behaviour = (response, number) =>
    number < 2 ? hangsUp(response, number) : says('[true, 7]')(response, number);

  /** Long enough for the clock to run ahead of the network. */
  const patient = { connectMs: 1e9 };
  const LONG = { timeoutMs: 1e9 };

  test('H1: makes a question be asked again, after pauses', async () => {
    const on = await world(thenAnswers, patient);
    const answer = await soon(on.clock, ask(on, callOf('vg_list'), LONG));
    expect(answer).toEqual({ ok: true, payload: 7 });
    expect(on.arrived).toHaveLength(3);
    expect(on.clock.monotonic()).toBeGreaterThanOrEqual(1_200);
    expect(on.clock.timers).toBe(0);
  });

  test('H1: a question is not asked for ever', async () => {
    const on = await world(hangsUp, patient);
    const answer = await soon(on.clock, ask(on, callOf('vg_list'), LONG));
    expect(answer).toMatchObject({ ok: false, failure: 'unreachable' });
    expect(on.arrived).toHaveLength(3);
  });

  test('H1: a question is not asked again when its time is over, or when it is cancelled', async () => {
    const on = await world(hangsUp, { ...patient, repeatAfterMs: [2e9] });
    const late = await soon(on.clock, ask(on, callOf('vg_list'), LONG));
    expect(late).toMatchObject({ ok: false, failure: 'unreachable' });
    const caller = new AbortController();
    const { signal } = caller;
    const cancelled = ask(on, callOf('vg_list'), { timeoutMs: 3e9, signal });
    await on.has(2);
    caller.abort();
    expect(await cancelled).toMatchObject({ ok: false, failure: 'aborted' });
    expect(on.arrived).toHaveLength(2);
    expect(on.clock.timers).toBe(0);
  });

  test('H1: a command is not made again', async () => {
    const on = await world(thenAnswers);
    const answer = await ask(on, callOf('blockdev_create'));
    expect(answer).toMatchObject({ ok: false, failure: 'unreachable' });
    expect(on.arrived).toHaveLength(1);
  });
});

describe('a node that is silent', () => {
  const silent: Behaviour = () => undefined;

  test('is given up when the time is over, and that is no lost connection', async () => {
    const on = await world(silent);
    const answer = ask(on, callOf('vg_list'), { timeoutMs: 3_000 });
    await on.has(1);
    await on.clock.advance(2_999);
    await on.clock.advance(1);
    expect(await answer).toMatchObject({ ok: false, failure: 'timeout' });
    expect(on.arrived).toHaveLength(1);
    expect(on.clock.timers).toBe(0);
  });

  test('is left alone when a question is cancelled', async () => {
    const on = await world(silent);
    const caller = new AbortController();
    const answer = ask(on, callOf('vg_list'), { signal: caller.signal });
    await on.has(1);
    caller.abort();
    expect(await answer).toMatchObject({ ok: false, failure: 'aborted' });
    expect(on.clock.timers).toBe(0);
  });

  test('gets some more time when a command is cancelled', async () => {
    const on = await world(silent, { settleMs: 2_000 });
    const caller = new AbortController();
    let answer: NodeAnswer | undefined;
    const waiting = ask(on, callOf('blockdev_create'), { signal: caller.signal }).then(
      (given) => (answer = given),
    );
    await on.has(1);
    caller.abort();
    await on.clock.advance(1_999);
    expect(answer).toBeUndefined();
    await on.clock.advance(1);
    expect(await waiting).toMatchObject({ ok: false, failure: 'aborted' });
    expect(on.clock.timers).toBe(0);
  });
});

test.each([
  { port: 0 },
  { maxCalls: 0 },
  { maxCallsPerNode: 1.5 },
  { maxAnswerBytes: -1 },
  { connectMs: Number.NaN },
])('given %j, then it is refused', (options) => {
  const make = (): HttpsTransport =>
    new HttpsTransport({ credentials: credentials(), clock: new ManualClock(), ...options });
  expect(make).toThrow(Object.keys(options)[0]);
});
