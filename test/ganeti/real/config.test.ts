/**
 * Configurations that this library writes, judged by Ganeti's own programs: its Python code, its
 * upgrade tool, and its daemons, which are written in another language and are stricter.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/ganeti/wire/json.js';
import { LUInstanceRemove } from '../../../src/lus/instance-remove.js';
import { CREATIONS, repeated } from '../config/creations.js';
import { instanceIn, namesIn, openTakenOver } from '../config/lab.js';
import { CONFIGS, configOf, set } from '../config/takeover.js';
import { fillDataDirectory, HMAC_KEY, withMaster } from './master.js';
import { inScratch, MISSING, NO_DAEMONS, python, run, type Said, SBIN } from './package.js';

/** What Ganeti's Python code says of a configuration. */
interface Verdict {
  readonly instances: readonly string[];
  readonly complaints: readonly string[];
}

/** The captures of live clusters. */
const LIVE = CONFIGS.filter(({ about }) => /network|cluster|nodes/.test(about)).map(
  ({ config }) => config,
);

/** What is written when nothing has been changed. */
async function unchanged(config: JsonObject): Promise<JsonObject> {
  return (await openTakenOver(config)).written();
}

/** What is written when instances were removed. */
async function removed(config: JsonObject, ...names: readonly string[]): Promise<JsonObject> {
  const lab = await openTakenOver(config);
  for (const instanceName of names) {
    await lab.cluster.run(new LUInstanceRemove(), { instanceName });
  }
  return lab.written();
}

/** A configuration that no tool may accept: two cards with the same address. */
function damaged(): JsonObject {
  const config = configOf('4-instances-network');
  const one = instanceIn(config, 'inst2.example.com');
  const [first, second] = one['nics'] as readonly JsonObject[];
  const nics = [first ?? {}, { ...second, mac: first?.['mac'] ?? '' }];
  return set(config, { ...one, nics }, 'instances', one['uuid'] as string);
}

function verify(configs: readonly JsonObject[]): Promise<readonly Verdict[]> {
  return inScratch(async (directory) => {
    const paths = configs.map((config, at) => {
      const path = join(directory, `${at}.data`);
      writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
      return path;
    });
    const lines = (await python('verify_config', paths)).trim().split('\n');
    return lines.map((line) => JSON.parse(line) as Verdict);
  });
}

describe("Ganeti's own code", () => {
  test('should find nothing wrong with what was taken over and written back', async ({ skip }) => {
    if (MISSING !== undefined) skip(MISSING);
    expect(LIVE).toHaveLength(4);
    const written = await Promise.all(LIVE.map(unchanged));
    const clean = written.map((config) => ({ instances: namesIn(config), complaints: [] }));
    expect(await verify(written)).toEqual(clean);
  });

  test('should find nothing wrong after creations and removals', async ({ skip }) => {
    if (MISSING !== undefined) skip(MISSING);
    const live = configOf('6-instances-network-import-kvm');
    const written = [
      ...(await Promise.all(CREATIONS.map(repeated))),
      await removed(live, 'inst2', 'kvm2'),
      await removed(live, ...namesIn(live)),
    ];
    const clean = written.map((config) => ({ instances: namesIn(config), complaints: [] }));
    expect(await verify(written)).toEqual(clean);
  });

  test('should find what is wrong', async ({ skip }) => {
    if (MISSING !== undefined) skip(MISSING);
    const [verdict] = await verify([damaged()]);
    expect(verdict?.complaints.join()).toMatch(/MAC|mac/);
  });
});

test("Ganeti's upgrade tool should have nothing to do, and verify the file", async ({ skip }) => {
  if (MISSING !== undefined) skip(MISSING);
  const upgrade = (config: JsonObject): Promise<Said> =>
    inScratch(async (directory) => {
      await fillDataDirectory(directory, config);
      const where = [`--path=${directory}`, `--confdir=${directory}`, '--ignore-hostname'];
      return run('/usr/lib/ganeti/tools/cfgupgrade', ['--force', '--verbose', ...where]);
    });
  const [creation] = CREATIONS;
  if (creation === undefined) throw new Error('no creation');
  for (const config of [...(await Promise.all(LIVE.map(unchanged))), await repeated(creation)]) {
    const { stderr } = await upgrade(config);
    expect(stderr).toContain('No changes necessary');
    expect(stderr).toContain('File loaded successfully after upgrading');
  }
  const { stderr } = await upgrade(damaged());
  expect(stderr).toContain('there are errors');
});

describe("Ganeti's daemons", () => {
  const kvm = CREATIONS.find(({ label }) => label === '06-kvm-hvparams');

  test('should load, hand out and verify what was written', async ({ skip }) => {
    if (NO_DAEMONS !== undefined) skip(NO_DAEMONS);
    if (kvm === undefined) throw new Error('no such creation');
    const written = await repeated(kvm);
    await withMaster(written, ['wconfd', 'luxid'], async (master) => {
      const told = JSON.parse(await python('ask_wconfd', [], { env: master.env })) as Verdict;
      expect(told.complaints).toEqual([]);
      expect(told.instances).toEqual(namesIn(written));
      const fields = 'name,pnode,disk.count,disk.sizes,nic.ips,admin_state,network_port';
      const columns = ['--no-headers', '--separator=|', '-o', fields];
      const { stdout } = await master.run('gnt-instance', 'list', ...columns);
      expect(stdout.trim().split('\n')).toContainEqual(
        expect.stringMatching(/^kvm2\.example\.com\|node1\.example\.com\|1\|.*\|(up|down)\|11000$/),
      );
      expect(stdout.trim().split('\n')).toHaveLength(namesIn(written).length);
    });
  }, 60_000);

  test('should not start with what is wrong', async ({ skip }) => {
    if (NO_DAEMONS !== undefined) skip(NO_DAEMONS);
    const config = configOf('4-instances-network');
    const { uuid } = instanceIn(config, 'inst2.example.com');
    const wrong = set(config, 'perhaps', 'instances', uuid as string, 'admin_state');
    const start = withMaster(wrong, ['wconfd'], ({ env }) => python('ask_wconfd', [], { env }));
    await expect(start).rejects.toThrow('has ended at once');
  }, 60_000);

  test('should answer questions about what was written', async ({ skip }) => {
    if (NO_DAEMONS !== undefined) skip(NO_DAEMONS);
    if (kvm === undefined) throw new Error('no such creation');
    const written = await repeated(kvm);
    const { uuid } = instanceIn(written, 'kvm2.example.com');
    const { stdout } = await withMaster(written, [], ({ run: there }) =>
      // In a network of its own, so that its port is free.
      there(
        'unshare',
        '--net',
        'sh',
        '-c',
        `ip link set lo up
        "$0" -f --no-user-checks -b 127.0.0.1 & daemon=$!
        tries=0
        until /usr/lib/ganeti/tools/query-config --hmac="$1" "$2" || [ $((tries += 1)) -gt 10 ]
        do sleep 0.2; done
        kill $daemon; wait $daemon`,
        join(SBIN, 'ganeti-confd'),
        HMAC_KEY,
        `/instances/${uuid as string}/name`,
      ),
    );
    expect(stdout).toContain('kvm2.example.com');
  }, 60_000);
});
