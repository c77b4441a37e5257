/**
 * Requests that a whole local cluster refuses before anything is made. What each rule says is tried
 * out elsewhere, on a cluster in memory; here it is the real node that knows or misses things.
 */
import { expect, test } from 'vitest';
import type { PrereqCode } from '../../src/errors.js';
import { type LabOptions, openLab, refusal } from './lab.js';

interface Case {
  readonly what: string;
  readonly op: object;
  readonly code: PrereqCode;
  /** The thing that is wrong, and what to do about it. */
  readonly says: readonly RegExp[];
  readonly on?: LabOptions;
}

const CASES: readonly Case[] = [
  {
    what: 'an unknown field',
    op: { disks: [{ size: 16, colour: 'red' }] },
    code: 'wrong_input',
    says: [/disks\.0 has no field 'colour'/, /remove it/],
  },
  {
    what: 'a wrong type',
    op: { nics: [{}, { vlan: 5 }] },
    code: 'wrong_input',
    says: [/nics\.1\.vlan: /, /expected string/],
  },
  {
    what: 'a number out of range',
    op: { beParams: { vcpus: -1 } },
    code: 'wrong_input',
    says: [/vcpus of the backend: -1 is below/],
  },
  {
    what: 'several mistakes at once',
    op: { mode: 'creat', start: 'yes' },
    code: 'wrong_input',
    says: [/mode: .*"create"/, /start: .*boolean/],
  },
  {
    what: 'a name that is no host name',
    op: { instanceName: 'web 1' },
    code: 'wrong_input',
    says: [/'web 1' is no host name/, /use letters, digits/],
  },
  {
    what: 'a name that nobody resolves',
    op: { nameCheck: true },
    code: 'resolver_error',
    says: [/'?web1\.example\.com'?/],
  },
  {
    what: 'an unknown OS',
    op: { osType: 'gentoo' },
    code: 'unknown_entity',
    says: [/node1 has no OS 'gentoo'/],
  },
  {
    what: 'an unknown variant',
    op: { osType: 'test+fancy' },
    code: 'wrong_input',
    says: [/variant 'fancy'/, /plain/],
  },
  {
    what: 'an OS parameter that the OS does not have',
    op: { osParams: { size: 'big' } },
    code: 'wrong_input',
    says: [/no parameter size/, /it has colour/],
  },
  {
    what: 'an unknown node',
    op: { pnode: 'node9' },
    code: 'unknown_entity',
    says: [/Node 'node9' is unknown/],
  },
  {
    what: 'a hypervisor that the cluster does not have',
    op: { hypervisor: 'kvm' },
    code: 'wrong_state',
    says: [/'kvm' is not enabled/, /choose one of: fake/],
  },
  {
    what: 'a hypervisor that there is not',
    op: { hypervisor: 'vmware' },
    code: 'wrong_input',
    says: [/hypervisor: .*"fake"/],
  },
  {
    what: "a disk below the policy's minimum",
    op: { disks: [{ size: 8 }] },
    code: 'wrong_input',
    says: [/disk 0 in MiB is 8, allowed are 16 to/],
  },
  {
    what: 'more disk than there is',
    op: { disks: [{ size: '900t' }], ignoreIpolicy: true },
    code: 'insufficient_resources',
    says: [/need 943718400 MiB, but .*disks on node1 has \d+ MiB free/, /make them smaller/],
  },
  {
    what: 'more memory than there is',
    op: { beParams: { memoryMib: 512 } },
    on: { memoryMib: 300 },
    code: 'insufficient_resources',
    says: [/needs 512 MiB of memory, but node1 has 300 MiB free/, /give it less/],
  },
  {
    what: 'a directory above its root',
    op: { fileStorageDir: '../elsewhere' },
    code: 'wrong_input',
    says: [/'\.\.\/elsewhere' is no directory below/],
  },
];

test.each(CASES)(
  'given $what, when an instance is created, then it is refused and nothing has changed',
  async ({ op, code, says, on }) => {
    const error = await refusal(await openLab(on), op);
    expect(error.toJSON()).toMatchObject({ name: 'PrereqError', code });
    for (const words of says) expect(error.message).toMatch(words);
  },
);

test('given a name that is taken, when another instance wants it, then the first one stays', async () => {
  const lab = await openLab();
  await lab.create();
  const error = await refusal(lab);
  expect(error.toJSON()).toMatchObject({ name: 'PrereqError', code: 'already_exists' });
  expect(error.message).toMatch(/'web1\.example\.com' exists already; remove/);
});
