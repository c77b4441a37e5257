/**
 * Exports of an instance that Ganeti has configured: the description is the one that Ganeti wrote
 * of the same instance, and what is made of it again is the same instance.
 */
import { describe, expect, test } from 'vitest';
import { decodeExport } from '../../src/ganeti/export/decode.js';
import { type IniSections, parseIni } from '../../src/ganeti/export/ini-syntax.js';
import { LUInstanceCreate } from '../../src/instance-create/lu-instance-create.js';
import { runtimeOf } from '../../src/lu-helpers.js';
import { LUBackupExport } from '../../src/lus/backup-export.js';
import type { ConfigReader } from '../../src/ports/config-store.js';
import { readText } from './captures.js';
import { openTakenOver, type TakenOver } from './config/lab.js';
import { configOf } from './config/takeover.js';
import { inTime } from '../instance-create/import-support.js';

const NAME = 'inst2.example.com';
const NODE = 'node1.example.com';
const DIR = '/var/lib/ganeti/export';

/** What real Ganeti wrote when it exported the instance. */
const REAL = readText('export-two-disks.ini');

async function exported(removeInstance = false): Promise<TakenOver & { readonly text: string }> {
  const lab = await openTakenOver(configOf('4-instances-network'));
  const op = { instanceName: NAME, targetNode: NODE, longSleep: true, removeInstance };
  await inTime(lab, lab.cluster.run(new LUBackupExport(), op));
  const [text = ''] = lab.transfers.exports.values();
  return { ...lab, text };
}

/** When it was made is another time. */
function rows(sections: IniSections): Readonly<Record<string, string>> {
  const all = [...sections].flatMap(([section, keys]) =>
    [...keys].map(([key, value]) => [`${section} ${key}`, value] as const),
  );
  return { ...Object.fromEntries(all), 'export timestamp': '' };
}

describe('the description', () => {
  test('should have the keys and values that real Ganeti wrote, in the same order', async () => {
    const { text } = await exported();
    const [ours, theirs] = [text, REAL].map((ini) => rows(parseIni(ini)));
    expect(ours).toEqual(theirs);
    expect(Object.keys(ours ?? {})).toEqual(Object.keys(theirs ?? {}));
  });

  test('should be byte by byte the same, but for the time', async () => {
    const { text } = await exported();
    expect(text.replace(/timestamp = \d+/, '')).toBe(REAL.replace(/timestamp = \d+/, ''));
  });

  test('should say when it was made', async () => {
    const { text, clock } = await exported();
    const { timestampS = 0 } = decodeExport(text);
    expect(Math.abs(timestampS - clock.now() / 1000)).toBeLessThan(120);
  });
});

/** What an instance is, but for ids, times and places. */
function essence(config: ConfigReader): object {
  const instance = config.findInstance(NAME);
  if (instance === undefined) throw new Error('it is gone');
  const { hvParams, beParams, osParams, nics, disks, hypervisor } = runtimeOf(config, instance);
  const { os, tags, adminState, diskTemplate } = instance;
  return {
    ...{ os, tags, adminState, diskTemplate, hypervisor, hvParams, beParams },
    osParams: osParams.public,
    secrets: Object.entries(osParams.private).map(([name, secret]) => [name, secret.reveal()]),
    nics: nics.map(({ id: _, ...nic }) => nic),
    disks: disks.map(({ index, sizeMib, mode, name }) => ({ index, sizeMib, mode, name })),
  };
}

test('what is made of an export should be the instance that was exported', async () => {
  const before = essence((await openTakenOver(configOf('4-instances-network'))).cluster.config);
  const lab = await exported(true);
  expect(lab.cluster.config.findInstance(NAME)).toBeUndefined();
  const op = {
    instanceName: NAME,
    mode: 'import',
    diskTemplate: 'file',
    disks: [],
    nics: [],
    srcNode: NODE,
    srcPath: `${DIR}/${NAME}`,
    pnode: NODE,
    nameCheck: false,
    ipCheck: false,
    identifyDefaults: true,
  } as const;
  await inTime(lab, lab.cluster.run(new LUInstanceCreate(), op));
  expect(essence(lab.cluster.config)).toEqual(before);
});
