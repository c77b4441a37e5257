/**
 * `config.data` as a file.
 *
 * F1 A reader finds the old file or the new one, never a part: it is replaced as a whole, once the
 *    new one is on the disk.
 * F2 Owner and permissions stay: Ganeti's daemons have users of their own. A new file is for its
 *    owner only, since private values are in it.
 * F3 The file's serial number goes up, by which daemons see that it is another one.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import { once } from '../wire/check.js';
import { type JsonObject, parseJson } from '../wire/json.js';
import { type ConfigData, readConfigData } from './read.js';

/** Where Ganeti has it. */
const CONFIG_FILE = '/var/lib/ganeti/config.data';

/**
 * Reads a `config.data` of Ganeti 3.0 from a file, Ganeti's own if no path is given. Rejects with
 * `ConfigError`: `unknown` if there is none, `io` if it cannot be read, `corrupt` if it is none.
 * @public
 */
export async function readConfigFile(path: string = CONFIG_FILE): Promise<ConfigData> {
  const text = await readText(path);
  if (text !== undefined) return readConfigData(text);
  throw new ConfigError(`There is no file '${path}'; give the path of a config.data`, 'unknown');
}

/**
 * Writes a configuration into a file, in place of the one that is there, and gives what was
 * written: the file's serial number and time are new. No daemon of Ganeti's that writes
 * configurations may run meanwhile. Rejects with `ConfigError`: `io` if it cannot be written, then
 * the old file stays; `corrupt` if the old one is no configuration, so that nothing else is
 * overwritten.
 * @public
 */
export async function saveConfigFile(
  path: string,
  config: JsonObject,
  clock: Pick<Clock, 'now'>,
): Promise<JsonObject> {
  const former = await readText(path);
  const serial = Math.max(serialOf(config), former === undefined ? 0 : serialIn(former, path)) + 1;
  const saved: JsonObject = { ...config, serial_no: serial, mtime: clock.now() / 1000 };
  await replace(path, `${JSON.stringify(saved)}\n`);
  return saved;
}

const serialField = once(() => z.looseObject({ serial_no: z.int().nullish() }));

function serialOf(config: unknown): number {
  return serialField().safeParse(config).data?.serial_no ?? 0;
}

function serialIn(text: string, path: string): number {
  const what = `The file '${path}'`;
  const data = parseJson(text, { what, maxLength: text.length }, refuseFile);
  const isConfig = z.looseObject({ version: z.int(), cluster: z.looseObject({}) }).safeParse(data);
  if (!isConfig.success) refuseFile(`${what} is no configuration; it is not overwritten`);
  return serialOf(data);
}

function refuseFile(message: string): never {
  throw new ConfigError(message, 'corrupt');
}

async function replace(path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  let file: FileHandle | undefined;
  try {
    const { O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
    file = await open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
    await fill(file, path, text);
    await rename(beside, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    // Only what was opened is ours.
    if (file !== undefined) await rm(beside, { force: true }).catch(() => undefined);
    throw trouble(`The file '${path}' cannot be written`, error);
  } finally {
    await file?.close();
  }
}

async function fill(file: FileHandle, path: string, text: string): Promise<void> {
  const former = await stat(path).catch(() => undefined);
  await file.chmod(former === undefined ? 0o600 : former.mode & 0o777);
  if (former !== undefined) await file.chown(former.uid, former.gid);
  await file.writeFile(text);
  await file.sync();
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY);
  await directory.sync().finally(() => directory.close());
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw trouble(`The file '${path}' cannot be read`, error);
  }
}

function trouble(doing: string, cause: unknown): ConfigError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ConfigError(`${doing}: ${reason}`, 'io', { cause });
}
