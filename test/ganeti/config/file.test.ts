/**
 * `config.data` as a file: replaced as a whole, with its owner and its permissions.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfigFile, saveConfigFile } from '../../../src/ganeti/config/file.js';
import { readConfigData } from '../../../src/ganeti/config/read.js';
import { writeConfigData } from '../../../src/ganeti/config/write.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { configOf, takeOver } from './takeover.js';

const LIVE = configOf('6-instances-network-import-kvm');

let directory = '';
let path = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'config-file-'));
  path = join(directory, 'config.data');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const clock = new ManualClock();

describe('saving', () => {
  test('should make a file for its owner only, which is read as what was written', async () => {
    const { store, rest } = await takeOver(LIVE);
    const saved = await saveConfigFile(path, writeConfigData(store, rest), clock);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(saved).toEqual({ ...LIVE, serial_no: 169, mtime: clock.now() / 1000 });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(saved);
    expect(await readConfigFile(path)).toEqual(readConfigData(saved));
  });

  test('should give the file a serial number above both', async () => {
    for (const [former, mine, wanted] of [
      [500, 168, 501],
      [3, 168, 169],
      [undefined, undefined, 1],
    ]) {
      writeFileSync(path, JSON.stringify({ ...LIVE, serial_no: former }));
      const saved = await saveConfigFile(path, { ...LIVE, serial_no: mine ?? null }, clock);
      expect(saved['serial_no']).toBe(wanted);
    }
  });

  test('should keep owner and permissions', async ({ skip }) => {
    writeFileSync(path, JSON.stringify(LIVE));
    chmodSync(path, 0o640);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(path, 1234, 4321);
    await saveConfigFile(path, LIVE, clock);
    const { mode, uid, gid } = statSync(path);
    expect(mode & 0o777).toBe(0o640);
    if (!isRoot) skip('only root can give files to others');
    expect([uid, gid]).toEqual([1234, 4321]);
  });

  test('should leave nothing beside it, and not follow what lies in its way', async () => {
    await saveConfigFile(path, LIVE, clock);
    expect(readdirSync(directory)).toEqual(['config.data']);
    const precious = join(directory, 'precious');
    writeFileSync(precious, 'precious');
    symlinkSync(precious, `${path}.new`);
    await expect(saveConfigFile(path, LIVE, clock)).rejects.toMatchObject({ code: 'io' });
    expect(readFileSync(precious, 'utf8')).toBe('precious');
  });

  test.each([
    ['no JSON', 'my notes', /not JSON/],
    ['another JSON', '{"version": 1}', /is no configuration; it is not overwritten/],
  ])('should not overwrite %s', async (_, text, message) => {
    writeFileSync(path, text);
    const work = saveConfigFile(path, LIVE, clock);
    await expect(work).rejects.toMatchObject({ name: 'ConfigError', code: 'corrupt' });
    await expect(work).rejects.toThrow(message);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('should say which file cannot be written', async () => {
    const nowhere = join(directory, 'nowhere', 'config.data');
    const work = saveConfigFile(nowhere, LIVE, clock);
    await expect(work).rejects.toMatchObject({ name: 'ConfigError', code: 'io' });
    await expect(work).rejects.toThrow(nowhere);
    expect(existsSync(nowhere)).toBe(false);
  });
});

describe('reading', () => {
  test('should say that there is no file', async () => {
    const work = readConfigFile(path);
    await expect(work).rejects.toMatchObject({ name: 'ConfigError', code: 'unknown' });
    await expect(work).rejects.toThrow(path);
  });

  test('should say that it cannot be read, or is none', async () => {
    await expect(readConfigFile(directory)).rejects.toMatchObject({ code: 'io' });
    writeFileSync(path, '{}');
    await expect(readConfigFile(path)).rejects.toMatchObject({ code: 'corrupt' });
  });
});
