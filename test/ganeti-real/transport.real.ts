/**
 * The transport against real node daemons: what it is answered, and the kinds of its failures.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type NodeAnswer,
  type NodeCall,
  type NodeCredentials,
  type NodeTransport,
  parseCredentials,
  type WireValue,
} from '../../src/ganeti/index.js';
import type { NodeId } from '../../src/model/ids.js';
import { Bed } from './bed.js';
import { selfSigned, signedBy } from './certificates.js';

let bed: Bed;

beforeAll(async () => {
  bed = await Bed.start();
});

afterAll(() => bed.stop());

/** A call to nodes, by number. */
function callTo(
  numbers: readonly number[],
  procedure: string,
  args: readonly WireValue[],
): NodeCall {
  const nodes = numbers.map((number) => {
    const { name, address } = bed.node(number);
    return { id: name as NodeId, name, address, offline: false };
  });
  return { procedure, multi: numbers.length > 1, nodes, args: {}, wire: () => args };
}

async function ask(
  transport: NodeTransport,
  procedure: string,
  args: readonly WireValue[],
  options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
): Promise<NodeAnswer> {
  const answers = await transport.call(callTo([1], procedure, args), {
    timeoutMs: 30_000,
    ...options,
  });
  const [answer] = answers.values();
  if (answer === undefined) throw new Error('the transport did not answer for the node');
  return answer;
}

describe('a listed client', () => {
  test('is answered by all nodes at once', async () => {
    const answers = await bed
      .transport()
      .call(callTo([1, 2, 3], 'version', []), { timeoutMs: 30_000 });
    expect([...answers]).toEqual(
      bed.nodes.map(({ name }) => [name, { ok: true, payload: 3_000_000 }]),
    );
  });

  test('may send any character', async () => {
    const answer = await ask(bed.transport(), 'os_validate', [true, 'ä\u{1f600}', [], {}, false]);
    expect(answer).toEqual({
      ok: false,
      failure: 'failed',
      message: 'Directory for OS ä\u{1f600} not found in search path',
    });
  });

  test('sends as much as it likes', async () => {
    const path = `/${'long/'.repeat(200_000)}`;
    expect(await ask(bed.transport(), 'get_file_info', [path])).toEqual({
      ok: true,
      payload: [false, {}],
    });
  });

  test('makes many calls to a node, of which only some are under way', async () => {
    const transport = bed.transport({ maxCallsPerNode: 4 });
    const all = Array.from({ length: 40 }, () => ask(transport, 'version', []));
    for (const answer of await Promise.all(all)) expect(answer.ok).toBe(true);
  });

  test('is told when a node gives no reason', async () => {
    const answer = await ask(bed.transport(), 'instance_start', [{}, false, null]);
    expect(answer).toMatchObject({ ok: false, failure: 'failed' });
    expect(answer.ok ? '' : answer.message).not.toBe('');
  });

  test('waits no longer than its limit', async () => {
    const late = await ask(bed.transport(), 'test_delay', [20], { timeoutMs: 500 });
    expect(late).toMatchObject({ ok: false, failure: 'timeout' });
  });

  test('gives up when it likes', async () => {
    const transport = bed.transport({ settleMs: 0 });
    const caller = new AbortController();
    const answer = ask(transport, 'test_delay', [20], { signal: caller.signal });
    setTimeout(() => caller.abort(), 300);
    expect(await answer).toMatchObject({ ok: false, failure: 'aborted' });
  });

  test('that gives up learns how a short command ended', async () => {
    const caller = new AbortController();
    const answer = ask(bed.transport(), 'test_delay', [1], { signal: caller.signal });
    setTimeout(() => caller.abort(), 500);
    expect(await answer).toEqual({ ok: true, payload: null });
  });

  test('is told that a procedure which does not exist got no answer', async () => {
    const answer = await ask(bed.transport(), 'no_such_procedure', []);
    expect(answer).toMatchObject({ ok: false, failure: 'unreachable' });
  });
});

describe('a client that the node does not know', () => {
  const cases: readonly (readonly [string, (name: string) => Promise<NodeCredentials>])[] = [
    [
      'signed by the cluster, not listed',
      async (name) => of((await signedBy(bed.pki, 'cluster', name)).both),
    ],
    ['signed by itself', async (name) => of((await selfSigned(bed.pki, name)).both)],
    ['with the key of the cluster itself', () => Promise.resolve(of(bed.server.both))],
  ];

  test.each(cases)('%s, is not authorised', async (title, make) => {
    const credentials = await make(title.replace(/\W/g, '-'));
    for (const procedure of ['version', 'test_delay']) {
      const answer = await ask(bed.transport({ credentials }), procedure, [0]);
      expect(answer).toMatchObject({ ok: false, failure: 'not_authorised' });
    }
  });

  test('and that expects another cluster, does not speak to it', async () => {
    const other = await selfSigned(bed.pki, 'other');
    const { certificate, key } = bed.credentials;
    const credentials = { certificate, key, authority: other.certificate };
    const answer = await ask(bed.transport({ credentials }), 'version', []);
    expect(answer).toMatchObject({ ok: false, failure: 'not_authorised' });
  });

  test('is answered from the next call on when it is listed', async () => {
    const { both, certificate } = await selfSigned(bed.pki, 'newcomer');
    const transport = bed.transport({ credentials: of(both) });
    expect((await ask(transport, 'version', [])).ok).toBe(false);
    const listed = [
      { id: 'client', certificate: bed.credentials.certificate },
      { id: 'newcomer', certificate },
    ];
    await bed.node(1).allow(listed);
    expect(await ask(transport, 'version', [])).toEqual({ ok: true, payload: 3_000_000 });
    await bed.node(1).allow(listed.slice(0, 1));
    expect((await ask(transport, 'version', [])).ok).toBe(false);
  });

  function of(client: string): NodeCredentials {
    return parseCredentials({ client, cluster: bed.server.certificate });
  }
});

describe('a node', () => {
  test('that is down is unreachable, and the others answer', async () => {
    await bed.node(2).stop();
    const answers = await bed
      .transport({ repeatAfterMs: [] })
      .call(callTo([1, 2, 3], 'vg_list', []), { timeoutMs: 30_000 });
    expect([...answers.values()].map((answer) => (answer.ok ? 'ok' : answer.failure))).toEqual([
      expect.not.stringMatching('unreachable'),
      'unreachable',
      expect.not.stringMatching('unreachable'),
    ]);
    await bed.node(2).start();
  });

  test('that comes back in time is asked again, if it is a question', async () => {
    await bed.node(1).stop();
    const transport = bed.transport({ repeatAfterMs: [50, 2_000, 4_000, 16_000] });
    const command = ask(transport, 'blockdev_remove', [{}]);
    const question = ask(transport, 'get_file_info', ['/nowhere']);
    expect(await command).toMatchObject({ ok: false, failure: 'unreachable' });
    await bed.node(1).start();
    expect(await question).toEqual({ ok: true, payload: [false, {}] });
  });

  test('that hangs is unreachable', async () => {
    bed.node(1).hold();
    const transport = bed.transport({ connectMs: 500, repeatAfterMs: [] });
    const answer = await ask(transport, 'version', []);
    bed.node(1).letGo();
    expect(answer).toMatchObject({ ok: false, failure: 'unreachable' });
  });

  test('that is killed at work leaves open what it has done', async () => {
    const answer = ask(bed.transport(), 'test_delay', [30]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await bed.node(1).stop('SIGKILL');
    expect(await answer).toMatchObject({ ok: false, failure: 'unreachable' });
    await bed.node(1).start();
  });
});
