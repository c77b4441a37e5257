/** A guest on a real bridge. Needs root, since it makes one. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { answered } from '../../../src/ports/reply.js';
import { nicWith } from '../hypervisors/runtime.js';
import { call, openLab, QEMU, stopHard } from './real-qemu.js';

const BRIDGE = `lub${process.pid}`;
const NAME = 'web1.example.com';

const obstacle = QEMU === undefined ? 'QEMU is not installed' : whyNoBridge();
if (obstacle !== undefined) {
  process.stdout.write(`SKIPPED: guests on a bridge, as ${obstacle}\n`);
}
const withBridge: ReturnType<typeof test.skipIf> = test.skipIf(obstacle !== undefined);

withBridge(
  'given a bridged card, when started, then it is on the bridge until the stop',
  async () => {
    using bridge = makeBridge();
    await using lab = openLab({ network: 'tap' });
    const guest = await lab.guest();
    const runtime = { ...guest, nics: [nicWith({ link: bridge.name })] };

    const started = await lab.qemu.start({ runtime, paused: false }, call());

    const port = `/sys/class/net/${bridge.name}/brif/luaa0000000001`;
    expect(started).toEqual(answered(undefined));
    expect(existsSync(port)).toBe(true);
    await stopHard(lab.qemu, NAME);
    expect(existsSync('/sys/class/net/luaa0000000001')).toBe(false);
  },
);

withBridge(
  'given a bridge that is not there, when started, then it fails and nothing is left',
  async () => {
    await using lab = openLab({ network: 'tap' });
    const guest = await lab.guest();
    const runtime = { ...guest, nics: [nicWith({ link: 'no-such-bridge' })] };

    const reply = await lab.qemu.start({ runtime, paused: false }, call());

    expect(reply.ok ? '' : reply.message).toMatch(/'luaa0000000001'.*bridge 'no-such-bridge'/);
    expect(await lab.qemu.list()).toEqual(answered([]));
    expect(existsSync('/sys/class/net/luaa0000000001')).toBe(false);
  },
);

function makeBridge(): { readonly name: string } & Disposable {
  ip('link', 'add', BRIDGE, 'type', 'bridge');
  return { name: BRIDGE, [Symbol.dispose]: () => ip('link', 'del', BRIDGE) };
}

/** Tried out, since being root does not mean being allowed to. */
function whyNoBridge(): string | undefined {
  try {
    makeBridge()[Symbol.dispose]();
    return existsSync('/dev/net/tun') ? undefined : '/dev/net/tun is missing';
  } catch {
    return 'no bridge can be made here';
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: 'ignore' });
}
