/**
 * Exports: a real one is read in full and written again byte by byte; recorded ones are understood;
 * whatever happens to the text, there is an export or an error of ours.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LuError } from '../../src/errors.js';
import { decodeExport } from '../../src/ganeti/export/decode.js';
import { encodeExport } from '../../src/ganeti/export/encode.js';
import type { ExportInfo } from '../../src/ganeti/export/export-info.js';
import type { Secret } from '../../src/model/secret.js';
import { readLines, readText } from './captures.js';

const REAL = readText('export-two-disks.ini');
const RECORDED = readLines<{ text: string; corrupt: boolean }>('exports.jsonl.gz');
const GOOD = RECORDED.filter(({ corrupt }) => !corrupt).map(({ text }) => text);

function revealed(secrets: Readonly<Record<string, Secret<string>>>): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).map(([key, secret]) => [key, secret.reveal()]));
}

/** Comparable: what is secret would look equal to anything. */
function open({ osParamsPrivate, ...info }: ExportInfo): object {
  return { ...info, osParamsPrivate: revealed(osParamsPrivate) };
}

test('given a real export, then all of it is understood', () => {
  expect(open(decodeExport(REAL))).toMatchInlineSnapshot(`
    {
      "beParams": {
        "alwaysFailover": "True",
        "autoBalance": "True",
        "maxMemMib": "256",
        "minMemMib": "128",
        "spindleUse": "1",
        "vcpus": "2",
      },
      "compression": "none",
      "hvParams": {},
      "instance": {
        "diskCount": 2,
        "diskTemplate": "file",
        "disks": [
          {
            "dump": "0e1b3287-a3b3-4979-9683-b8f43099f583",
            "ivName": "disk/0",
            "name": "root",
            "sizeMib": 32,
          },
          {
            "dump": "5bfcf4e4-a39d-43fc-af11-31a6baeb01c3",
            "ivName": "disk/1",
            "name": "data",
            "sizeMib": 16,
          },
        ],
        "hypervisor": "fake",
        "name": "inst2.example.com",
        "nicCount": 2,
        "nics": [
          {
            "ip": "10.20.30.3",
            "link": "br0",
            "mac": "aa:bb:cc:1c:a3:69",
            "mode": "bridged",
            "name": "front",
            "networkId": "e6f3d3de-7e20-4975-a72b-73b266e76a89",
            "vlan": "",
          },
          {
            "ip": "10.99.0.5",
            "link": "100",
            "mac": "aa:00:00:e5:32:8b",
            "mode": "routed",
            "vlan": "",
          },
        ],
        "tags": [
          "env:test",
          "owner:alice",
        ],
      },
      "os": "dumpos+v1",
      "osParams": {
        "dhcp": "yes",
        "fs": "ext4",
      },
      "osParamsPrivate": {
        "root_pw": "hunter2",
      },
      "source": "5fd3b81d-0252-475e-87df-4f0dfa1f87ee",
      "timestampS": 1795333975,
    }
  `);
});

test('given a real export, when it is written again, then every byte is the same', () => {
  expect(encodeExport(decodeExport(REAL))).toBe(REAL);
});

test('given recorded exports, then good ones are understood, damaged ones refused', () => {
  expect(GOOD.length).toBeGreaterThan(40);
  for (const text of GOOD) expect(decodeExport(text).instance.name).toMatch(/^[\w.-]+$/);
  for (const { text } of RECORDED.filter(({ corrupt }) => corrupt)) {
    expect(() => decodeExport(text)).toThrow(
      expect.objectContaining({ code: 'environment_error' }) as Error,
    );
  }
});

test('given recorded exports, when they are written and read, then they say the same', () => {
  const whole = GOOD.map(decodeExport).filter(({ instance }) =>
    instance.disks.every(({ sizeMib }) => sizeMib !== undefined),
  );
  expect(whole.length).toBeGreaterThan(40);
  for (const info of whole) {
    const again = decodeExport(encodeExport(info));
    // Written files count their disks and cards, and name the disks' positions.
    const disks = info.instance.disks.map((disk, at) => ({ ivName: `disk/${at}`, ...disk }));
    const counts = { nicCount: info.instance.nics.length, diskCount: disks.length };
    const instance = { ...counts, ...info.instance, disks };
    expect(open(again)).toEqual(open({ ...info, instance }));
  }
});

/** The real export with one line put in the place of another. */
function withLine(line: string, replacement: string): string {
  expect(REAL).toContain(`\n${line}\n`);
  return REAL.replace(`\n${line}\n`, `\n${replacement}\n`);
}

test.each([
  ['another version', withLine('version = 0', 'version = 1'), /version 1/],
  ['no version', withLine('version = 0', ''), /version none/],
  ['a version in words', withLine('version = 0', 'version = x'), /\[export\] version: a whole/],
  ['no head', withLine('[instance]', '[other]'), /section \[instance\] is missing/],
  ['no name', withLine('name = inst2.example.com', ''), /\[instance\] name is missing/],
  ['a size below 0', withLine('disk0_size = 32', 'disk0_size = -1'), /disk0_size: a whole number/],
  ['a size with a unit', withLine('disk0_size = 32', 'disk0_size = 1g'), /disk0_size/],
  ['a huge size', withLine('disk0_size = 32', `disk0_size = ${'9'.repeat(20)}`), /disk0_size/],
  [
    'a strange template',
    withLine('disk_template = file', 'disk_template = tape'),
    /one of blockdev/,
  ],
  ['a strange hypervisor', withLine('hypervisor = fake', 'hypervisor = vm'), /one of chroot/],
  ['a card without link', withLine('nic0_link = br0', ''), /nic0_link is missing/],
  ['a card without mode', withLine('nic1_mode = routed', ''), /nic1_mode is missing/],
  [
    'a card of a strange mode',
    withLine('nic1_mode = routed', 'nic1_mode = pool'),
    /one of bridged/,
  ],
])('should be refused when it has %s', (_what, text, message) => {
  expect(() => decodeExport(text)).toThrow(
    expect.objectContaining({
      code: 'environment_error',
      message: expect.stringMatching(message) as string,
    }) as Error,
  );
});

const MINIMAL = '[export]\nversion=0\n[instance]\nname=a\n';

test('should understand a file with nothing but a name', () => {
  expect(decodeExport(MINIMAL)).toEqual({
    instance: { name: 'a', tags: [], nics: [], disks: [] },
    hvParams: {},
    beParams: {},
    osParams: {},
    osParamsPrivate: {},
  });
});

test('should find the backend parameters of old exports beside the name', () => {
  const { beParams } = decodeExport(`${MINIMAL}maxmem = 512\nvcpus = 2\nmemory = 768\n`);
  expect(beParams).toEqual({ maxMemMib: '512', vcpus: '2' });
  const old = decodeExport(`${MINIMAL}maxmem = 512\n[backend]\nmemory = 768\nbogus = 1\n`);
  expect(old.beParams).toEqual({ memoryMib: '768', bogus: '1' });
});

test('should keep the positions of disks of which parts are missing', () => {
  const { instance } = decodeExport(`${MINIMAL}disk0_size=1\ndisk2_dump=d\ndisk16_size=1\n`);
  expect(instance.disks).toEqual([{ sizeMib: 1 }, {}, { dump: 'd' }]);
});

test('should stop at the first card without hardware address', () => {
  const card = (at: number): string =>
    `nic${at}_mac=m${at}\nnic${at}_mode=bridged\nnic${at}_link=l\n`;
  const { instance } = decodeExport(MINIMAL + card(0) + card(1) + card(3));
  expect(instance.nics.map(({ mac }) => mac)).toEqual(['m0', 'm1']);
});

test('should keep private parameters out of sight', () => {
  const info = decodeExport(REAL);
  expect(JSON.stringify(info)).not.toContain('hunter2');
  expect(encodeExport(info)).toContain('root_pw = hunter2');
});

test('should refuse to write a disk without size', () => {
  const info = decodeExport(`${MINIMAL}disk0_dump=d\n`);
  expect(() => encodeExport(info)).toThrow(/Disk 0 .* no size/);
});

test('should be an export or an error of ours, whatever has happened to the text', () => {
  const put = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '\n',
      '%',
      '[',
      ']',
      '=',
      '\n[',
      '\n\t',
      '__proto__ = 1\n',
      'None',
      '\n[DEFAULT]\n',
    ),
  );
  const change = fc.tuple(fc.nat(), fc.nat({ max: 40 }), put);
  const mutated = fc
    .tuple(fc.constantFrom(REAL, ...GOOD), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([text, changes]) =>
      changes.reduce((current, [at, cut, add]) => {
        const start = at % (current.length + 1);
        return current.slice(0, start) + add + current.slice(start + cut);
      }, text),
    );
  let understood = 0;
  fc.assert(
    fc.property(mutated, (text) => {
      try {
        decodeExport(text);
        understood += 1;
      } catch (error) {
        expect(LuError.is(error), String(error)).toBe(true);
        expect(error).toMatchObject({ code: 'environment_error' });
      }
    }),
    { numRuns: 1500 },
  );
  expect(understood).toBeGreaterThan(100);
  expect(Object.keys(Object.prototype)).toEqual([]);
});
