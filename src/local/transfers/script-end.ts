/**
 * The import or export script of an instance's OS as an end of a transfer. The script works on the
 * disk by itself; what it prints besides is in its log.
 */
import type { Disk } from '../../model/disk.js';
import { diskScript, type DiskScript } from '../os/disk-script.js';
import { scriptFailed, scriptProcess, succeeded } from '../os/run-script.js';
import { usableOs } from '../os/usable-os.js';
import { outputOf } from '../process/output-of.js';
import { printable } from '../process/printable.js';
import { runFed } from '../process/run-fed.js';
import type { ProcessResult } from '../process/process-request.js';
import { runProcess } from '../process/run-process.js';
import { Refusal } from '../storage/attempt.js';
import { openDisk } from './disk-end.js';
import type { Carried, EndTools, Sink, Source } from './end.js';

const CLOSED = { close: () => Promise.resolve() };

/** Hands contents to the import script. */
export async function scriptSink(disk: Disk, carried: Carried, tools: EndTools): Promise<Sink> {
  const about: DiskScript = { script: 'import', disk, ...carried };
  await check(about, tools);
  return {
    ...CLOSED,
    take: async (bytes, signal) => {
      const call = await diskScript(about, tools.scripts);
      const process = scriptProcess(call, tools.scripts, { signal });
      expectSuccess(about, call, await runFed(bytes, process));
    },
  };
}

/** Takes contents from the export script. How much it will be, only the script knows. */
export async function scriptSource(disk: Disk, carried: Carried, tools: EndTools): Promise<Source> {
  const about: DiskScript = { script: 'export', disk, ...carried };
  await check(about, tools);
  return {
    ...CLOSED,
    bytes: (signal) =>
      outputOf(async (stdout, stop) => {
        const call = await diskScript(about, tools.scripts);
        const process = scriptProcess(call, tools.scripts, { signal: stop });
        expectSuccess(about, call, await runProcess({ ...process, stdout }));
      }, signal),
  };
}

/** Looks before anything begins whether there are script and disk. */
async function check({ script, runtime, disk }: DiskScript, tools: EndTools): Promise<void> {
  const { os = '' } = runtime.instance;
  const usable = await usableOs(tools.scripts.searchPath, os, script);
  if (typeof usable === 'string') throw new Refusal(`OS '${printable(os)}': ${usable}`);
  await (await openDisk(disk, tools.disks)).close();
}

function expectSuccess(
  { runtime }: DiskScript,
  call: Parameters<typeof scriptFailed>[1],
  result: ProcessResult,
): void {
  if (succeeded(result)) return;
  const { os = '' } = runtime.instance;
  const doing = `OS '${printable(os)}'`;
  throw new Refusal(scriptFailed(doing, call, result, runtime.osParams).message);
}
