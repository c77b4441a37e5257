/**
 * A program that is killed in the middle of an import: its sockets die with it, its import script
 * does not. The next run ends that, takes back what was made, and imports anew.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { lineIn, lives, script } from '../local/process/scratch.js';
import { bytesOf } from '../local/transfers/random-bytes.js';
import { makeSite, runExample, type Site, translateExample } from './example.js';

const MIB = 1024 * 1024;
const NAME = 'inst2.example.com';
const DUMP = bytesOf('crash', 16 * MIB);

/** Takes a part of the stream, tells its number, and works on its disk for long. */
const HANGS = `
site=\${DISK_0_PATH%/disks/*}
head -c 1000000 > "$IMPORT_DEVICE"
echo $$ > "$site/new" && mv "$site/new" "$site/pid"
for turn in $(seq 3000); do printf x 1<>"$IMPORT_DEVICE"; sleep 0.01; done
`;

beforeAll(translateExample);

test('given a run that is killed while an import script works, then the next run starts afresh', async () => {
  const site = await makeSite();
  const args = await putExport(site);
  await script(join(site.dir, 'os/own/import'), HANGS);
  const killed = await runExample(args, { signal: 'SIGKILL', at: { file: site.pid } });
  const pid = await lineIn(site.pid);
  expect([killed.signal, lives(pid)]).toEqual(['SIGKILL', true]);

  const recovered = await runExample([...args, '--recover']);
  expect(recovered).toMatchObject({ code: 0, stderr: '' });
  expect(recovered.stdout).toMatch(/^recovered: OP_INSTANCE_CREATE, instance inst2/m);
  expect(recovered.stdout).not.toMatch(/left:/);
  expect([lives(pid), await site.remains()]).toEqual([false, []]);

  await script(join(site.dir, 'os/own/import'), 'cat > "$IMPORT_DEVICE"');
  await script(join(site.dir, 'os/own/rename'), 'true');
  expect(await runExample(args)).toMatchObject({ code: 0, stderr: '' });
  const directory = join(site.dir, 'disks', NAME);
  const [file = ''] = await readdir(directory);
  expect((await readFile(join(directory, file))).equals(DUMP)).toBe(true);
}, 60_000);

/** An export in the site's directory, and the arguments of a run that imports it. */
async function putExport({ dir, args }: Site): Promise<readonly string[]> {
  const path = join(dir, 'exports', NAME);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'dump0'), DUMP);
  await writeFile(
    join(path, 'config.ini'),
    [
      '[export]',
      'version = 0',
      'os = own',
      '[instance]',
      `name = ${NAME}`,
      'maxmem = 128',
      'minmem = 128',
      'vcpus = 1',
      'disk0_dump = dump0',
      'disk0_size = 16',
      '',
    ].join('\n'),
  );
  const op = {
    opcode: 'OP_INSTANCE_CREATE',
    instanceName: NAME,
    mode: 'import',
    diskTemplate: 'file',
    disks: [],
    nics: [],
    hypervisor: 'fake',
    pnode: 'localhost',
    srcNode: 'localhost',
    nameCheck: false,
    ipCheck: false,
  };
  const file = join(dir, 'import.json');
  await writeFile(file, JSON.stringify(op));
  return [file, ...args.slice(1)];
}
