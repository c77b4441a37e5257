/**
 * The ground on which rounds take place: a cluster's directory of its own, with an opcode file and
 * an OS definition whose script works on its disks with a child of its own, and would make a disk
 * anew that is taken away while it works.
 */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LUInstanceCreate, LUInstanceRemove } from 'logical-units';
import { openSite } from '../../build/examples/start/site.js';
import { ROOT } from '../package.mjs';

/** The instance of all rounds. */
export const NAME = 'web1.example.com';

const EXAMPLES = join(ROOT, 'examples');
/** Turns of the OS script: a few, or so many that it is still at it when recovery is over. */
const TURNS = { brief: '6', endless: '100000' };

const CREATE_SCRIPT = `#!/bin/sh
# Writes to both disks, again and again, in two processes and without a word.
set -eu
work() {
  turn=0
  while [ "$turn" -lt "$OSP_TURNS" ]; do
    printf 'turn %s' "$turn" 1<>"$1"
    sleep 0.01
    turn=$((turn + 1))
  done
}
work "$DISK_1_PATH" &
work "$DISK_0_PATH"
wait
`;

/** Makes a ground. Its path is short: the sockets of guests lie below it. */
export function makeGround() {
  const dir = mkdtempSync(join(tmpdir(), 'lu-kill-'));
  const tmp = join(dir, 'tmp');
  mkdirSync(tmp);
  const os = join(dir, 'os', 'busy');
  cpSync(join(EXAMPLES, 'os', 'hello'), os, { recursive: true });
  writeFileSync(join(os, 'create'), CREATE_SCRIPT);
  chmodSync(join(os, 'create'), 0o755);
  writeFileSync(join(os, 'parameters.list'), 'turns how often it writes\n');
  return { dir, tmp, opFile: join(dir, 'op.json') };
}

/** Removes a ground, and its instance first: a guest may run. */
export async function removeGround(ground) {
  await setUp(ground, { action: 'create' });
  rmSync(ground.dir, { recursive: true });
}

/** Writes the round's request into the opcode file. */
export function writeOp(ground, round) {
  writeFileSync(ground.opFile, JSON.stringify({ opcode: 'OP_INSTANCE_CREATE', ...opOf(round) }));
}

/**
 * Brings about what the round's action needs: that there is no instance before it is created, and
 * one before it is removed.
 */
export async function setUp({ dir }, round) {
  const site = await openSite(dir, EXAMPLES);
  try {
    await site.cluster.recover();
    const isThere = site.cluster.config.findInstance(NAME) !== undefined;
    if (round.action === 'create' && isThere) {
      await site.cluster.run(new LUInstanceRemove(), { instanceName: NAME, graceMs: 0 });
    }
    if (round.action === 'remove' && !isThere) {
      await site.cluster.run(new LUInstanceCreate(), opOf(round));
    }
  } finally {
    await site.close();
  }
}

function opOf({ action, aim, hypervisor, template }) {
  const turns = action === 'create' && aim === 'OS script' ? TURNS.endless : TURNS.brief;
  return {
    mode: 'create',
    instanceName: NAME,
    diskTemplate: template,
    disks: [{ size: '32m' }, { size: '16m' }],
    nics: [{ mode: 'routed', link: '', ip: '192.0.2.10' }],
    // Guests that boot need the boot sector, and are not quick to begin with.
    ...(hypervisor === 'kvm' ? { osType: 'hello' } : { osType: 'busy', osParams: { turns } }),
    hypervisor,
    beParams: { memoryMib: 128, vcpus: 1 },
    pnode: 'localhost',
    nameCheck: false,
    ipCheck: false,
  };
}
