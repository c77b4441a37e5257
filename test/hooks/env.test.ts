import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hookEnvironment, pythonText } from '../../src/hooks/env.js';
import type { HookSituation } from '../../src/hooks/env.js';

const situation: HookSituation = {
  phase: 'pre',
  path: 'instance-add',
  objectType: 'INSTANCE',
  opName: 'OP_INSTANCE_CREATE',
  clusterName: 'cluster.example.com',
  masterName: 'node1.example.com',
  dataDir: '/var/lib/ganeti',
};

test('H1: the environment has the common variables and nothing of the process', () => {
  expect(hookEnvironment(situation, {})).toEqual({
    PATH: '/sbin:/bin:/usr/sbin:/usr/bin',
    GANETI_HOOKS_VERSION: '2',
    GANETI_HOOKS_PHASE: 'pre',
    GANETI_HOOKS_PATH: 'instance-add',
    GANETI_OP_CODE: 'OP_INSTANCE_CREATE',
    GANETI_OBJECT_TYPE: 'INSTANCE',
    GANETI_DATA_DIR: '/var/lib/ganeti',
    GANETI_CLUSTER: 'cluster.example.com',
    GANETI_MASTER: 'node1.example.com',
  });
});

test('H2: the post environment is the pre environment plus a second set', () => {
  const key = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,12}$/).filter((k) => !k.startsWith('HOOKS'));
  const env = fc.dictionary(
    key,
    fc.oneof(fc.integer(), fc.boolean(), fc.string({ unit: 'grapheme-ascii' })),
  );
  const isFree = (k: string): boolean =>
    !['OP_CODE', 'OBJECT_TYPE', 'DATA_DIR', 'CLUSTER', 'MASTER'].includes(k) &&
    !k.startsWith('POST_');
  const own = env.map((e) => Object.fromEntries(Object.entries(e).filter(([k]) => isFree(k))));
  fc.assert(
    fc.property(own, own, (before, after) => {
      const pre = hookEnvironment(situation, before);
      const post = hookEnvironment({ ...situation, phase: 'post' }, before, after);
      expect(post).toMatchObject({ ...pre, GANETI_HOOKS_PHASE: 'post' });
      const added = Object.keys(post).filter((k) => !(k in pre));
      expect(added.sort()).toEqual(
        Object.keys(after)
          .map((k) => `GANETI_POST_${k}`)
          .sort(),
      );
    }),
    { numRuns: 200 },
  );
});

test('H3: values are text as Python writes it', () => {
  expect([true, false, null, 7, 'x'].map(pythonText)).toEqual(['True', 'False', 'None', '7', 'x']);
  expect(hookEnvironment(situation, { A: undefined })).not.toHaveProperty('GANETI_A');
});

test('H4: a variable that shadows a common one, or has a NUL, is a defect', () => {
  expect(() => hookEnvironment(situation, { CLUSTER: 'mine' })).toThrow(/GANETI_CLUSTER/);
  expect(() => hookEnvironment(situation, { NAME: 'a\0b' })).toThrow(/GANETI_NAME/);
});
