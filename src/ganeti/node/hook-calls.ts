/**
 * Running hook scripts through node daemons.
 */
import { z } from 'zod';
import type { HookNodes, HookScriptResult } from '../../ports/hook-node.js';
import { once } from '../wire/check.js';
import type { NodeCaller } from './caller.js';

/** The calls. */
export function hookCalls(caller: NodeCaller): HookNodes {
  return {
    runHooks: (nodes, { path, phase, env }, call) =>
      caller.many(
        nodes,
        { procedure: 'hooks_runner', args: { hpath: path, phase, env }, reads: results },
        call,
      ),
  };
}

/** By the daemon's code. */
const STATUS: readonly HookScriptResult['status'][] = ['skipped', 'failed', 'ok'];

const results = once(() =>
  z.array(
    z.tuple([z.string(), z.int().min(0).max(2), z.string()]).transform(
      ([script, code, output]): HookScriptResult => ({
        // Daemons tell it with its directory: `instance-add-pre.d/50-check`.
        script: script.slice(script.lastIndexOf('/') + 1),
        status: STATUS[code] ?? 'failed',
        output,
      }),
    ),
  ),
);
