import { describe, expect, test } from 'vitest';
import type { NodeId } from '../../../src/model/ids.js';
import { comparable, opened } from './recorded.js';
import { firstOf, replayed, SAMPLE } from './sample.js';

/** Procedures of whose answers nothing is read. */
const SILENT: ReadonlySet<string> = new Set([
  'blockdev_create',
  'blockdev_image',
  'blockdev_remove',
  'blockdev_rename',
  'blockdev_shutdown',
  'blockdev_wipe',
  'bridges_exist',
  'file_storage_dir_create',
  'file_storage_dir_remove',
  'hypervisor_validate_params',
  'impexp_abort',
  'impexp_cleanup',
  'instance_metadata_modify',
  'instance_os_add',
  'instance_run_rename',
  'instance_shutdown',
  'instance_start',
  'x509_cert_remove',
]);

describe('a domain call makes the procedure call that Ganeti makes', () => {
  const procedures = [...new Set(SAMPLE.calls.map(({ procedure }) => procedure))].sort();

  test('for every procedure', () => expect(procedures).toHaveLength(38));

  for (const procedure of procedures) {
    const calls = SAMPLE.calls.filter((call) => call.procedure === procedure);

    test(`${procedure}: targets and arguments by name`, async () => {
      for (const recorded of calls) {
        const { call } = await replayed(recorded);
        const { multi, nodes, args, from } = recorded;
        expect([from, call.procedure, call.multi]).toEqual([from, procedure, multi]);
        expect(
          call.nodes.map(({ id, name }) => nodes.includes(id) || nodes.includes(name)),
        ).toEqual(nodes.map(() => true));
        expect(comparable(call.args)).toEqual(comparable(opened(args)));
      }
    });

    const encoded = calls.flatMap((call) => (call.wire === undefined ? [] : [call]));
    if (encoded.length === 0) continue;
    test(`${procedure}: arguments by position`, async () => {
      for (const recorded of encoded) {
        const { call } = await replayed(recorded);
        const { node = '', values } = recorded.wire ?? {};
        expect(comparable(call.wire(node as NodeId))).toEqual(comparable(opened(values)));
      }
    });
  }
});

describe('an answer', () => {
  const calls = SAMPLE.calls.map((call) => [call.from, call.procedure, call] as const);

  test.each(calls)('%s %s succeeds and fails as recorded', async (_from, _procedure, recorded) => {
    const { reply } = await replayed(recorded);
    const replies = (reply instanceof Map ? [...reply.values()] : [reply]) as { ok: boolean }[];
    const wanted = recorded.nodes.map((node) => recorded.results[node]?.fail_msg === null);
    expect(replies.map(({ ok }) => ok)).toEqual(wanted);
  });

  const talkative = [...new Set(SAMPLE.calls.map(({ procedure }) => procedure))].filter(
    (procedure) => !SILENT.has(procedure),
  );
  test.each(talkative)('%s with an unexpected payload is a failed reply', async (procedure) => {
    const recorded = firstOf(procedure);
    const results = Object.fromEntries(
      recorded.nodes.map((node) => [node, { fail_msg: null, offline: false, payload: 0.5 }]),
    );
    const { reply } = await replayed(recorded, results);
    const [first] = (reply instanceof Map ? [...reply.values()] : [reply]) as unknown[];
    expect(first).toMatchObject({ ok: false, failure: 'failed' });
    expect((first as { message: string }).message).toContain(procedure);
  });
});
