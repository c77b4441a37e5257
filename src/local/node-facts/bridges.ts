/**
 * Bridges of this machine. Linux shows each network device as a directory, and a bridge's has one
 * named `bridge` in it.
 */
import { stat } from 'node:fs/promises';

/** Names of network devices have at most 15 letters, no slash and no blank. */
const DEVICE_NAME = /^(?!\.\.?$)[^/\s\p{Cc}]{1,15}$/u;

/** Those of the given names that are no bridge. */
export async function missingBridges(
  names: readonly string[],
  devicesDir = '/sys/class/net',
): Promise<readonly string[]> {
  const found = await Promise.all(names.map((name) => isBridge(name, devicesDir)));
  return names.filter((_name, index) => found[index] !== true);
}

async function isBridge(name: string, devicesDir: string): Promise<boolean> {
  if (!DEVICE_NAME.test(name)) return false;
  const entry = await stat(`${devicesDir}/${name}/bridge`).catch(() => undefined);
  return entry?.isDirectory() === true;
}
