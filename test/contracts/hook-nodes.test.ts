/** The hook port's promises, kept by hook directories of this machine and by stub nodes. */
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import type { NodeId } from '../../src/model/ids.js';
import type { HookScriptResult } from '../../src/ports/hook-node.js';
import {
  type ContractHook,
  hookNodesContract,
  type HookNodesFixture,
} from '../../src/testing/contracts/hook-nodes.js';
import { StubNodes } from '../../src/testing/stub-nodes.js';
import { openNode } from '../local/node/lab.js';
import { script } from '../local/process/scratch.js';

hookNodesContract({
  test: (name, body) => test(`this machine's ${name}`, body),
  make: async () => {
    const { rpc, node, stranger, dir, dispose } = await openNode();
    const put: HookNodesFixture['put'] = async (directory, hooks) => {
      const path = join(dir, 'hooks', directory);
      await mkdir(path, { recursive: true });
      for (const hook of hooks) {
        await script(join(path, hook.script), SCRIPTS[hook.does]);
        if (hook.does === 'cannot-run') await chmod(join(path, hook.script), 0o644);
      }
    };
    return { hooks: rpc, node, stranger, put, dispose };
  },
});

hookNodesContract({
  test: (name, body) => test(`stub ${name}`, body),
  make: () => {
    const node = 'node-1' as NodeId;
    const directories = new Map<string, readonly ContractHook[]>();
    const hooks = new StubNodes({
      nodes: new Map([[node, 'node1']]),
      log: () => {},
      hook: ({ path, phase, env }) =>
        (directories.get(`${path}-${phase}.d`) ?? []).map((hook) => outcome(hook, env)),
    });
    return Promise.resolve({
      hooks,
      node,
      stranger: 'node-2' as NodeId,
      put: (directory, scripts) => {
        directories.set(directory, scripts);
        return Promise.resolve();
      },
      dispose: () => Promise.resolve(),
    });
  },
});

const SCRIPTS: Readonly<Record<ContractHook['does'], string>> = {
  succeed: 'basename "$0"; echo',
  refuse: 'basename "$0"; echo; exit 1',
  'show-environment': 'tr "\\0" "\\n" < /proc/$$/environ',
  'cannot-run': 'exit 1',
};

function outcome(
  { script: name, does }: ContractHook,
  env: Readonly<Record<string, string>>,
): HookScriptResult {
  if (does === 'cannot-run') return { script: name, status: 'skipped', output: '' };
  const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  const output = does === 'show-environment' ? variables.join('\n') : name;
  return { script: name, status: does === 'refuse' ? 'failed' : 'ok', output };
}
