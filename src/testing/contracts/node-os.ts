/**
 * The node port's promises about operating systems.
 */
import assert from 'node:assert/strict';
import {
  type Check,
  makeDisk,
  type NodeChecks,
  payload,
  refused,
  removeAll,
  withOs,
} from './node-world.js';

const osLife: Check = async (fixture) => {
  const { rpc, node } = fixture;
  const disk = await makeDisk(fixture);
  await fixture.defineOs('good', 'succeed');
  const params = { public: {}, private: {}, secret: {} };

  assert.equal(payload(await rpc.findOs(node, { os: 'good' }))?.name, 'good');
  const valid = await rpc.validateOs([node], { os: 'good', params, forceVariant: false });
  assert.equal(payload(valid.get(node)), true);
  const runtime = withOs(fixture, 'good');
  for (const reinstall of [false, true]) {
    assert.notEqual(payload(await rpc.installOs(node, { runtime, reinstall })).logPath, '');
  }
  const renamed = payload(await rpc.renameOs(node, { runtime, oldName: 'web0.example.com' }));
  assert.notEqual(renamed.logPath, '');
  await removeAll(fixture, disk);
};

const badOs: Check = async (fixture) => {
  const { rpc, node } = fixture;
  const disk = await makeDisk(fixture);
  await fixture.defineOs('bad', 'fail');

  for (const os of ['bad', 'no-such-os']) {
    const runtime = withOs(fixture, os);
    refused(await rpc.installOs(node, { runtime, reinstall: false }), 'failed');
    refused(await rpc.renameOs(node, { runtime, oldName: 'web0.example.com' }), 'failed');
  }
  await removeAll(fixture, disk);
};

const hangingOs: Check = async (fixture) => {
  const { rpc, node } = fixture;
  const disk = await makeDisk(fixture);
  await fixture.defineOs('slow', 'hang');
  const runtime = withOs(fixture, 'slow');

  const limited = rpc.installOs(node, { runtime, reinstall: false }, { timeoutMs: 20 });
  await fixture.pass?.(20);
  refused(await limited, 'timeout');

  const caller = new AbortController();
  const { signal } = caller;
  const given = rpc.renameOs(node, { runtime, oldName: 'web0.example.com' }, { signal });
  caller.abort();
  refused(await given, 'aborted');
  await removeAll(fixture, disk);
};

const absentOs: Check = async ({ rpc, node }) => {
  const os = 'no-such-os';
  const params = { public: {}, private: {}, secret: {} };

  assert.equal(payload(await rpc.findOs(node, { os })), undefined);
  const replies = await rpc.validateOs([node], { os, params, forceVariant: false });
  assert.equal(payload(replies.get(node)), false);
};

/** What those who install are promised. */
export const OS_CHECKS: NodeChecks = {
  "should run an OS's scripts": osLife,
  'given an OS that is missing or whose scripts fail, then the call fails': badOs,
  'given an OS script that hangs, when time is up or the caller gives up, then it ends': hangingOs,
  'given an unknown OS, then it is absent, which is no failure': absentOs,
};
