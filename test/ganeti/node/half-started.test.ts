/**
 * Stopping what may have been started by half: daemons forget the links to its disks, unless they are
 * told to close these as well.
 */
import { describe, expect, test } from 'vitest';
import { GanetiNodes } from '../../../src/ganeti/node/ganeti-nodes.js';
import {
  type NodeAnswer,
  type NodeCall,
  type NodeTransport,
  revealArguments,
} from '../../../src/ganeti/node/transport.js';
import { runtimeOf } from '../../../src/lu-helpers.js';
import { answered, failed, type Reply } from '../../../src/ports/reply.js';
import { nodeIdOf } from '../../../src/testing/make.js';
import { openLab } from '../../lus/export-support.js';

const NODE = nodeIdOf('node1');
const NAME = 'web1.example.com';

interface Stopped {
  readonly reply: Reply<void>;
  readonly calls: readonly NodeCall[];
}

/** Stops an instance on a node that answers so, by procedure. */
async function stopped(
  answers: Readonly<Record<string, NodeAnswer>>,
  halfStarted: boolean,
): Promise<Stopped> {
  const { cluster } = await openLab({ instance: { diskTemplate: 'file', disks: [{ size: 64 }] } });
  const { config } = cluster;
  const calls: NodeCall[] = [];
  const transport: NodeTransport = {
    call: (call) => {
      calls.push(call);
      const answer = answers[call.procedure] ?? answered(null);
      return Promise.resolve(new Map(call.nodes.map(({ id }) => [id, answer])));
    },
  };
  const instance = config.findInstance('web1');
  if (instance === undefined) throw new Error('there is no web1');
  const runtime = runtimeOf(config, instance);
  const { hypervisor, hvParams } = runtime;
  const reply = await new GanetiNodes({ transport, config }).stopInstance(NODE, {
    ...{ name: instance.name, hypervisor, hvParams, graceMs: 0, runtime },
    ...(halfStarted ? { halfStarted } : {}),
  });
  return { reply, calls };
}

describe('given an instance that may be started by half', () => {
  test('its disks are closed, in its name, so that the links go', async () => {
    const { reply, calls } = await stopped({}, true);
    expect(reply.ok).toBe(true);
    expect(calls.map(({ procedure }) => procedure)).toEqual([
      'instance_shutdown',
      'blockdev_close',
    ]);
    const wire = revealArguments(calls[1]?.wire(NODE) ?? []);
    expect(wire).toEqual([NAME, [expect.objectContaining({ dev_type: 'file', size: 64 })]]);
  });

  test('disks that are not there any more are no failure', async () => {
    const { reply } = await stopped({ blockdev_close: failed("Can't find device") }, true);
    expect(reply.ok).toBe(true);
  });

  test('a node that has gone meanwhile is one', async () => {
    const gone = failed('no route', 'unreachable');
    const { reply } = await stopped({ blockdev_close: gone }, true);
    expect(reply).toMatchObject({ ok: false, failure: 'unreachable' });
  });

  test('what could not be stopped keeps its links', async () => {
    const { reply, calls } = await stopped({ instance_shutdown: failed('busy') }, true);
    expect([reply.ok, calls.length]).toEqual([false, 1]);
  });
});

test('given an instance that was started as a whole, it is only stopped', async () => {
  const { calls } = await stopped({}, false);
  expect(calls.map(({ procedure }) => procedure)).toEqual(['instance_shutdown']);
});
