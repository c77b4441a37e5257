/**
 * Opcodes of instance creations: recorded ones become requests without losing anything, and what
 * Ganeti's own check refuses is refused.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LuError } from '../../src/errors.js';
import { decodeCreateOp, parseCreateOp } from '../../src/ganeti/opcode/decode.js';
import { encodeCreateOp } from '../../src/ganeti/opcode/encode.js';
import { createParams } from '../../src/ganeti/opcode/params.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import { Secret } from '../../src/model/secret.js';
import { readLines } from './captures.js';

type Params = Readonly<Record<string, unknown>>;

interface Recorded {
  readonly params: Params;
  /** The parameter that Ganeti's check refused. */
  readonly refused?: string;
}

const RECORDED = readLines<Recorded>('opcodes.jsonl.gz');
const ACCEPTED = RECORDED.filter(({ refused }) => refused === undefined).map(
  ({ params }) => params,
);
const REFUSED = RECORDED.filter(({ refused }) => refused !== undefined);

const hasSizes = ({ disks }: Params): boolean =>
  (disks as readonly object[]).every((disk) => 'size' in disk);

/** Without parameters that say what holds anyway. */
function withoutDefaults(params: Params): Params {
  const initial = new Map(createParams().map((param) => [param.name, param]));
  const given = Object.entries(params).filter(([name, value]) => {
    const param = initial.get(name);
    if (param?.required === true) return true;
    return JSON.stringify(value) !== JSON.stringify(param?.initial);
  });
  return Object.fromEntries(given);
}

/** Without values of network cards that are null, which is the same as not given. */
function withoutNulls({ nics, ...params }: Params): Params {
  const given = (nics as readonly object[]).map((nic) =>
    Object.fromEntries(Object.entries(nic).filter(([, value]) => value !== null)),
  );
  return { ...params, nics: given };
}

const CREATE = 'OP_INSTANCE_CREATE';
const WEB: Params = { instance_name: 'web1', mode: 'create', disks: [], nics: [] };

test('given recorded opcodes, when they are read and written, then nothing is lost', () => {
  const complete = ACCEPTED.filter(hasSizes);
  expect(complete.length).toBeGreaterThan(700);
  for (const params of complete) {
    const { op, job, unsupported } = decodeCreateOp(params);
    const again = encodeCreateOp(op, unsupported, job);
    expect(again).toEqual({ OP_ID: CREATE, ...withoutDefaults(params) });
  }
});

test('given recorded opcodes, then all of it has a place in a request', () => {
  const places = new Set(
    ACCEPTED.filter(hasSizes).flatMap((params) =>
      decodeCreateOp(params).unsupported.map(({ path }) =>
        path.map((part) => (typeof part === 'number' ? '*' : part)).join('.'),
      ),
    ),
  );
  expect([...places]).toEqual([]);
});

test('given recorded opcodes that the real check refused, then ours refuses them, too', () => {
  expect(REFUSED.length).toBeGreaterThan(5);
  for (const { params, refused } of REFUSED) {
    expect(() => decodeCreateOp(params)).toThrow(
      expect.objectContaining({
        code: 'wrong_input',
        message: expect.stringMatching(new RegExp(`^${CREATE}: ${refused ?? ''}\\b`)) as string,
      }) as Error,
    );
  }
});

test('given opcodes from the job queue, then nothing is lost', () => {
  const jobs = readLines<Params>('job-opcodes.jsonl');
  expect(jobs.length).toBeGreaterThan(10);
  for (const params of jobs) {
    const { op, job, unsupported } = decodeCreateOp(params);
    const again = encodeCreateOp(op, unsupported, job);
    expect(again).toEqual(withoutNulls(withoutDefaults(params)));
  }
  expect(decodeCreateOp(jobs[1]).op).toMatchInlineSnapshot(`
    {
      "beParams": {
        "alwaysFailover": true,
        "maxMemMib": 256,
        "minMemMib": 128,
        "vcpus": 2,
      },
      "diskTemplate": "file",
      "disks": [
        {
          "name": "root",
          "size": 32,
        },
        {
          "name": "data",
          "size": 16,
        },
      ],
      "fileDriver": "loop",
      "helperShutdownTimeoutS": 7200,
      "helperStartupTimeoutS": 300,
      "hypervisor": "fake",
      "instanceName": "inst2.example.com",
      "ipCheck": false,
      "mode": "create",
      "nameCheck": false,
      "nics": [
        {
          "ip": "pool",
          "name": "front",
          "network": "net1",
        },
        {
          "ip": "10.99.0.5",
          "link": "100",
          "mode": "routed",
        },
      ],
      "noInstall": false,
      "osParams": {
        "dhcp": "yes",
        "fs": "ext4",
      },
      "osParamsPrivate": {},
      "osParamsSecret": {},
      "osType": "dumpos+v1",
      "pnode": "node1.example.com",
      "pnodeUuid": "5fd3b81d-0252-475e-87df-4f0dfa1f87ee",
      "tags": [
        "env:test",
        "owner:alice",
      ],
    }
  `);
});

test('should have the parameters and defaults in the order of the check', () => {
  const broken = { ...WEB, start: 'yes', force_variant: 1, hypervisor: 'auto' };
  expect(() => decodeCreateOp(broken)).toThrow(/: force_variant: /);
  const ours = createParams().map(({ name, initial, required = false }) => ({
    name,
    initial,
    required,
  }));
  expect(ours).toEqual(readLines('create-params.jsonl'));
});

test.each([
  ['no object', [], /an object is wanted/],
  ['nothing', null, /an object is wanted/],
  ['another opcode', { ...WEB, OP_ID: 'OP_INSTANCE_REMOVE' }, /no other opcode/],
  ['a strange parameter', { ...WEB, colour: 'red' }, /has no parameter colour/],
  ['no name', { mode: 'create', disks: [], nics: [] }, /instance_name: is missing/],
  ['a name that is null', { ...WEB, instance_name: null }, /instance_name: .*string/],
  ['no disks', { instance_name: 'a', mode: 'create', nics: [] }, /disks: is missing/],
  ['a disk that is a number', { ...WEB, disks: [1] }, /disks\.0: .*record/],
  ['a disk of half a MiB', { ...WEB, disks: [{ size: 0.5 }] }, /disks\.0\.size: text that is not/],
  ['a card of a strange kind', { ...WEB, nics: [{ speed: '1' }] }, /nics\.0/],
  ['a card with a number', { ...WEB, nics: [{}, { vlan: 5 }] }, /nics\.1\.vlan: .*string/],
  ['a strange mode', { ...WEB, mode: 'clone' }, /mode: one of create, import/],
  ['no word for a hypervisor', { ...WEB, hypervisor: 'auto' }, /hypervisor: one of chroot/],
  ['an empty tag', { ...WEB, tags: ['a', ''] }, /tags\.1: must not be empty/],
  ['an empty node', { ...WEB, pnode: '' }, /pnode: must not be empty/],
  ['a time below 0', { ...WEB, source_shutdown_timeout: -1 }, /source_shutdown_timeout: must not/],
  ['a strange priority', { ...WEB, priority: 5 }, /priority: one of 0, 10, -10/],
  ['a strange dependency', { ...WEB, depends: [['x', []]] }, /depends\.0\.0: the number of a job/],
  ['a list of hidden parameters', { ...WEB, osparams_private: [] }, /osparams_private: .*record/],
  ['a trap', JSON.parse('{"instance_name": "a", "__proto__": {}}'), /__proto__/],
  ['a trap further in', JSON.parse('{"hvparams": {"constructor": 1}}'), /hvparams\.constructor/],
])('should refuse an opcode with %s', (_what, data: unknown, message) => {
  expect(() => decodeCreateOp(data)).toThrow(
    expect.objectContaining({
      code: 'wrong_input',
      message: expect.stringMatching(message) as string,
    }) as Error,
  );
});

describe('what has no place in a request', () => {
  test('should be kept with its path', () => {
    const { op, unsupported } = decodeCreateOp({
      ...WEB,
      disks: [{ size: 10, mode: 'w', spindles: '2' }],
      nics: [{ mode: 'pool', ip: null, mac: null, name: '' }],
      hvparams: { acpi: true, list: [1] },
      beparams: { maxmem: 512, maxMemMib: 1, bogus: '1' },
      osparams: { a: '1', b: 1 },
    });
    expect(op).toEqual({
      instanceName: 'web1',
      mode: 'create',
      disks: [{ size: 10, mode: 'w' }],
      nics: [{ mode: 'pool' }],
      hvParams: { acpi: true },
      beParams: { maxMemMib: 512, bogus: '1' },
      osParams: { a: '1', b: 1 },
    });
    expect(unsupported).toEqual([
      { path: ['beparams', 'maxMemMib'], value: 1 },
      { path: ['disks', 0, 'spindles'], value: '2' },
      { path: ['hvparams', 'list'], value: [1] },
      { path: ['nics', 0, 'mac'], value: null },
      { path: ['nics', 0, 'name'], value: '' },
    ]);
  });

  test('should be refused when it is put where nothing is', () => {
    const { op } = decodeCreateOp(WEB);
    const nowhere = { path: ['disks', 3, 'vg'], value: 'x' };
    expect(() => encodeCreateOp(op, [nowhere])).toThrow(/disks\.3\.vg: there is no such place/);
    const trap = { path: ['constructor', 'prototype', 'polluted'], value: 1 };
    expect(() => encodeCreateOp(op, [trap])).toThrow(LuError);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

test('should tell what is said of the job apart from the request', () => {
  const said = { dry_run: true, debug_level: 2, priority: -10, comment: 'why', reason: [['a']] };
  const { op, job, unsupported } = decodeCreateOp({ ...WEB, ...said });
  expect(job).toEqual({
    dryRun: true,
    debugLevel: 2,
    priority: -10,
    comment: 'why',
    reason: [['a']],
  });
  expect(unsupported).toEqual([]);
  expect(encodeCreateOp(op, [], job)).toEqual({ OP_ID: CREATE, ...WEB, ...said });
});

test("should give an external provider's parameters a place of their own", () => {
  const disk = { size: 10, provider: 'pool1', tier: 'gold', copies: 2 };
  const { op } = decodeCreateOp({ ...WEB, disks: [disk] });
  expect(op.disks).toEqual([
    { size: 10, provider: 'pool1', providerParams: { tier: 'gold', copies: 2 } },
  ]);
  expect(encodeCreateOp(op)).toEqual({ OP_ID: CREATE, ...WEB, disks: [disk] });
});

test('should keep hidden parameters out of sight until they are written', () => {
  const hidden = { ...WEB, osparams_private: { pw: 'hunter2' }, osparams_secret: { key: [7353] } };
  const decoded = decodeCreateOp(hidden);
  expect(JSON.stringify(decoded)).not.toMatch(/hunter2|7353/);
  expect(decoded.unsupported[0]?.value).toBeInstanceOf(Secret);
  const { op, unsupported } = decoded;
  expect(encodeCreateOp(op, unsupported)).toEqual({ OP_ID: CREATE, ...hidden });
});

test('should write backend parameters under their names on the wire', () => {
  const op: CreateOp = {
    instanceName: 'web1',
    mode: 'create',
    disks: [{ size: '10g', mode: 'ro', name: 'root' }],
    nics: [{ ip: 'auto', mode: 'routed' }],
    beParams: { memoryMib: '1g', vcpus: 2, spindleUse: 1 },
    noInstall: true,
    waitForSync: false,
  };
  expect(encodeCreateOp(op)).toEqual({
    OP_ID: CREATE,
    instance_name: 'web1',
    mode: 'create',
    disks: [{ size: '10g', mode: 'ro', name: 'root' }],
    nics: [{ ip: 'auto', mode: 'routed' }],
    beparams: { memory: '1g', vcpus: 2, spindle_use: 1 },
    no_install: true,
    wait_for_sync: false,
  });
});

test('should refuse to write what the real check would refuse', () => {
  const op: CreateOp = { instanceName: 'a', mode: 'create', disks: [{ size: 0.5 }], nics: [] };
  expect(() => encodeCreateOp(op)).toThrow(/disks\.0\.size/);
});

test('should refuse text that is too long or no JSON', () => {
  expect(() => parseCreateOp('{')).toThrow(/The opcode is not JSON/);
  expect(() => parseCreateOp(`"${'x'.repeat(1024 * 1024)}"`)).toThrow(/at most/);
  expect(parseCreateOp(JSON.stringify(WEB)).unsupported).toEqual([]);
});

test('should be a request or an error of ours, whatever an opcode holds', () => {
  const names = createParams().map(({ name }) => name);
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<unknown>('', 0, -1, null, true, [{}], { size: 1 }, [{ size: 1 }], 'create'),
  );
  const change = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 });
  let requests = 0;
  fc.assert(
    fc.property(fc.constantFrom(...ACCEPTED.filter(hasSizes)), change, (params, changes) => {
      const data = { ...params, ...changes };
      try {
        const { op, unsupported } = decodeCreateOp(data);
        requests += 1;
        const { op: again } = decodeCreateOp(encodeCreateOp(op, unsupported));
        expect(again).toEqual(op);
      } catch (error) {
        expect(error, String(error)).toMatchObject({ name: 'PrereqError', code: 'wrong_input' });
      }
    }),
    { numRuns: 800 },
  );
  expect(requests).toBeGreaterThan(100);
});
