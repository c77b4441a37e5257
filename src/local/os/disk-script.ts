/**
 * The scripts that carry one disk's contents: `import` reads them from its input, `export` writes
 * them to its output.
 */
import type { Disk } from '../../model/disk.js';
import { whereOf } from '../../model/disk.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import { printable } from '../process/printable.js';
import { Refusal } from '../storage/attempt.js';
import { type Env, instanceEnv } from './env.js';
import type { OsDefinitionsOptions } from './os-definitions.js';
import { isFree, type ScriptCall } from './run-script.js';
import { scriptLogPath } from './script-log.js';
import { usableOs } from './usable-os.js';

/** What a script is to do. */
export interface DiskScript {
  readonly script: 'import' | 'export';
  readonly runtime: RuntimeInstance;
  readonly disk: Disk;
  /** What is carried, for the log's name. */
  readonly component: string;
}

/**
 * The script's call, with Ganeti's variables for it. Throws `Refusal` if there is no such script,
 * or no log can be named after it.
 */
export async function diskScript(
  { script, runtime, disk, component }: DiskScript,
  options: OsDefinitionsOptions,
): Promise<ScriptCall> {
  const { os: asked = '', name: instance } = runtime.instance;
  const os = await usableOs(options.searchPath, asked, script);
  if (typeof os === 'string') throw new Refusal(`OS '${printable(asked)}' cannot be used: ${os}`);
  const about = { action: script, os: asked, instance, component, atMs: options.clock.now() };
  const logPath = await scriptLogPath(options.logDir, about, isFree);
  if (logPath === undefined) throw new Refusal('no log can be named after it');
  const facts = { os, debugLevel: options.debugLevel ?? 0 } as const;
  const env = { ...instanceEnv(facts, runtime), ...diskEnv(script, disk) };
  return { os, script, env, logPath };
}

/** Which disk it is about: `IMPORT_DEVICE` and so on. */
function diskEnv(script: DiskScript['script'], disk: Disk): Env {
  const prefix = script.toUpperCase();
  const path = whereOf(disk.location);
  return {
    [`${prefix}_INDEX`]: String(disk.index),
    [`${prefix}_DEVICE`]: path,
    [`${prefix}_DISK_PATH`]: path,
  };
}
