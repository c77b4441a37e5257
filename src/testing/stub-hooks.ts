/**
 * Hook scripts of stub nodes: functions of the test, run as a real node runs scripts. Owns their
 * order, and that a script which breaks has refused.
 */
import type { HookScriptResult } from '../ports/hook-node.js';

/**
 * What the hook scripts of a stub node do, in any order; throwing or a `failed` status refuses.
 * @public
 */
export type StubHook = (call: {
  readonly path: string;
  readonly phase: 'pre' | 'post';
  readonly node: string;
  readonly env: Readonly<Record<string, string>>;
}) => readonly HookScriptResult[];

/** As on a real node: results in the order of names, and a script that breaks has refused. */
export function runStubHook(
  hook: StubHook | undefined,
  call: Parameters<StubHook>[0],
): readonly HookScriptResult[] {
  try {
    return (hook?.(call) ?? []).toSorted((a, b) => (a.script < b.script ? -1 : 1));
  } catch (error) {
    return [{ script: 'stub', status: 'failed', output: String(error) }];
  }
}
