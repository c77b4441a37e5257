/**
 * Puts a guest's tap devices on their bridges. QEMU has made the devices and takes them away with
 * itself, so that nothing is left to undo.
 */
import type { Clock } from '../../ports/clock.js';
import { describeEnd, runProcess } from '../process/run-process.js';
import type { Tap } from './cards.js';
import { firstProgram } from './program.js';

const IP = ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip', '/bin/ip'];
const TIMEOUT_MS = 30_000;

/** Why a device is not on its bridge; `undefined` if all are. */
export async function attachTaps(
  taps: readonly Tap[],
  clock: Clock,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (taps.length === 0) return undefined;
  const file = await firstProgram(IP);
  if (file === undefined) return "program 'ip' is missing; install iproute2";
  for (const { device, bridge } of taps) {
    const { end, lastLines } = await runProcess({
      file,
      args: ['link', 'set', 'dev', device, 'master', bridge, 'up'],
      env: { LC_ALL: 'C' },
      cwd: '/',
      timeoutMs: TIMEOUT_MS,
      signal,
      clock,
    });
    if (end.kind === 'exited' && end.code === 0) continue;
    const why = [describeEnd(end), ...lastLines].join('; ');
    return `network device '${device}' cannot be put on bridge '${bridge}': 'ip' ${why}`;
  }
  return undefined;
}
