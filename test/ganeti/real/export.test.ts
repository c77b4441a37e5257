/**
 * Exports between this library and Ganeti: what its own code writes, from what we tell its daemons,
 * is what we write; what we write, its own code reads.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GanetiNodes } from '../../../src/ganeti/node/ganeti-nodes.js';
import {
  type NodeCall,
  type NodeTransport,
  revealArguments,
} from '../../../src/ganeti/node/transport.js';
import { parseIni } from '../../../src/ganeti/export/ini-syntax.js';
import { LUBackupExport } from '../../../src/lus/backup-export.js';
import { runtimeOf } from '../../../src/lu-helpers.js';
import { inTime } from '../../instance-create/import-support.js';
import { openTakenOver, type TakenOver } from '../config/lab.js';
import { configOf } from '../config/takeover.js';
import { inScratch, MISSING, python } from './package.js';

/** Takes calls, and says that all went well. */
class SilentTransport implements NodeTransport {
  readonly calls: NodeCall[] = [];

  call: NodeTransport['call'] = (call) => {
    this.calls.push(call);
    return Promise.resolve(new Map(call.nodes.map(({ id }) => [id, { ok: true, payload: null }])));
  };
}

/** Instances of live clusters, each of its own kind. */
const EXPORTED = [
  ['4-instances-network', 'inst2.example.com'],
  ['4-instances-network', 'inst4.example.com'],
  ['6-instances-network-import-kvm', 'kvm2.example.com'],
  ['3-nodes', 'mi3.example.com'],
] as const;

/** The description that a host of ours writes. */
async function written(lab: TakenOver, instanceName: string): Promise<string> {
  const [target] = lab.cluster.config.all('node');
  const op = { instanceName, targetNode: target?.name ?? '', longSleep: true };
  await inTime(lab, lab.cluster.run(new LUBackupExport(), op));
  const [text = ''] = lab.transfers.exports.values();
  return text;
}

/** The arguments that a daemon gets, as text. */
async function toldToDaemon({ cluster }: TakenOver, instanceName: string): Promise<string> {
  const { config } = cluster;
  const instance = config.findInstance(instanceName);
  if (instance === undefined) throw new Error(`there is no ${instanceName}`);
  const transport = new SilentTransport();
  const runtime = runtimeOf(config, instance);
  const nodes = new GanetiNodes({ transport, config });
  const reply = await nodes.finalizeExport(instance.primaryNode, { runtime, disks: runtime.disks });
  expect(reply.ok).toBe(true);
  const [call] = transport.calls;
  expect(call?.procedure).toBe('finalize_export');
  return JSON.stringify(revealArguments(call?.wire(instance.primaryNode) ?? []));
}

/** Keys and values; the time is another one, and Ganeti keeps tags in no order. */
function rows(text: string): Readonly<Record<string, string>> {
  const all = [...parseIni(text)].flatMap(([section, keys]) =>
    [...keys].map(([key, value]) => [`${section} ${key}`, value] as const),
  );
  const byKey: Record<string, string> = Object.fromEntries(all);
  const tags = (byKey['instance tags'] ?? '').split(' ').sort().join(' ');
  return { ...byKey, 'export timestamp': '', 'instance tags': tags };
}

describe.skipIf(MISSING !== undefined)(
  `Ganeti's own code${MISSING === undefined ? '' : `: ${MISSING}`}`,
  () => {
    test.each(EXPORTED)('should write what we write (%s: %s)', async (about, name) => {
      const lab = await openTakenOver(configOf(about));
      const input = await toldToDaemon(lab, name);
      await inScratch(async (directory) => {
        const theirs = await python('finalize_export', [directory], { input });
        expect(rows(await written(lab, name))).toEqual(rows(theirs));
      });
    });

    test.each(EXPORTED)('should read what we write (%s: %s)', async (about, name) => {
      const text = await written(await openTakenOver(configOf(about)), name);
      const read = await inScratch(async (directory) => {
        mkdirSync(directory, { recursive: true });
        writeFileSync(join(directory, 'config.ini'), text);
        return JSON.parse(await python('read_export', [directory])) as object;
      });
      const ours = [...parseIni(text)].map(([section, keys]) => [
        section,
        Object.fromEntries(keys),
      ]);
      expect(read).toEqual(Object.fromEntries(ours));
    });
  },
);
