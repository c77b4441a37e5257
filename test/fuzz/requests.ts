/**
 * Requests of all kinds: sound ones with a few changes, any that the schema allows, damaged ones,
 * and opcodes as Ganeti's clients send them.
 */
import fc from 'fast-check';
import { DISK_TEMPLATES, type DiskTemplate } from '../../src/model/disk-template.js';
import { HYPERVISOR_NAMES } from '../../src/model/hypervisor.js';
import { damaged, damagedText, edits, textEdits } from './mutate.js';
import { handshake, signedCertificate, wireOpcodes } from './samples.js';
import { anyRequest, changes } from './schema-values.js';

/** A request, and on which way it comes: as ours, as an opcode, or as an opcode's text. */
export interface AnyRequest {
  readonly way: 'ours' | 'wire' | 'text';
  readonly request: unknown;
  readonly dryRun: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** Sets of disks for each template. */
const DISKS: Readonly<Record<DiskTemplate, readonly (readonly Fields[])[]>> = {
  blockdev: [[{ size: 64, adopt: '/dev/disk/by-id/d1' }]],
  diskless: [[]],
  drbd: [[{ size: 128 }], [{ size: 128 }, { size: '64m', metavg: 'fast' }]],
  ext: [[{ size: 64, provider: 'rbdish', providerParams: { pool: 'x' } }]],
  file: [[{ size: 64 }], [{ size: 64 }, { size: 32, mode: 'ro', name: 'data' }]],
  plain: [[{ size: 64 }, { size: '1g', vg: 'fast' }], [{ size: 1, adopt: 'lv1' }]],
  rbd: [[{ size: 64 }]],
  sharedfile: [[{ size: 64 }]],
  gluster: [[{ size: 64 }]],
};

/** These have the most to do. */
const FREQUENT: readonly DiskTemplate[] = ['plain', 'drbd', 'drbd', 'file', 'sharedfile', 'ext'];

const COMMON = { nameCheck: false, ipCheck: false, osType: 'debian' };

const NICS: readonly (readonly Fields[])[] = [
  [],
  [{}],
  [{}],
  [{}, { mac: 'aa:00:00:00:00:99' }],
  [{ network: 'lan', ip: 'pool' }],
  [{ network: 'tiny', ip: 'pool' }, { mac: 'aa:00:00:00:00:77' }],
  [{ mode: 'routed', ip: '198.51.100.7', link: '100' }],
  [{ link: 'xen-br0', vlan: '5' }],
];

const PAIRS: readonly Fields[] = [
  { pnode: 'node1', snode: 'node2' },
  { pnode: 'node2', snode: 'node1' },
];

const CHOSEN: readonly Fields[] = [
  { iallocator: 'most-free' },
  { iallocator: '.', opportunisticLocking: true },
  { iallocator: 'program' },
];

/** Nodes for a template, most of them as it needs them. */
function placesFor(template: DiskTemplate): fc.Arbitrary<Fields> {
  const own = template === 'drbd' ? PAIRS : [{ pnode: 'node1' }, { pnode: 'node2' }];
  const chosen = template === 'blockdev' ? [] : CHOSEN;
  return fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...own, ...own, ...chosen) },
    { weight: 1, arbitrary: fc.constantFrom<Fields>({ pnode: 'node1' }, ...PAIRS, ...CHOSEN) },
  );
}

const MODES: readonly Fields[] = [
  { mode: 'create' },
  { mode: 'create' },
  { mode: 'create', nameCheck: true, ipCheck: true },
  { mode: 'create' },
  { mode: 'create', noInstall: true, start: false },
  { mode: 'create', forthcoming: true },
  { mode: 'create', commit: true, instanceName: 'kept1.example.com' },
  { mode: 'create', osType: 'guest', hypervisor: 'kvm', hvParams: {} },
  { mode: 'create', osType: 'guest' },
  { mode: 'create', osParams: { os_image: 'http://image' }, noInstall: true },
  { mode: 'import', srcNode: 'node2', srcPath: 'old' },
  { mode: 'import', srcPath: 'old' },
  {
    mode: 'remote-import',
    sourceHandshake: handshake(),
    sourceX509Ca: signedCertificate(),
    sourceInstanceName: 'old.example.com',
  },
];

/** Each hypervisor, as it is and with parameters of its own. */
const HYPERVISORS: readonly Fields[] = [
  {},
  ...HYPERVISOR_NAMES.map((hypervisor) => ({ hypervisor })),
  { hypervisor: 'kvm', hvParams: { kernel_path: '', boot_order: 'network', acpi: false } },
  { hypervisor: 'xen-pvm', hvParams: { use_bootloader: true, bootloader_path: '/bin/boot' } },
  { hypervisor: 'xen-hvm', hvParams: { boot_order: 'cd', nic_type: 'e1000' } },
  { hypervisor: 'lxc', hvParams: { startup_timeout: 5 } },
  { hypervisor: 'chroot', hvParams: { init_script: '/bin/init' } },
];

/** A request that a healthy cluster would carry out. */
const soundRequest: fc.Arbitrary<Fields> = fc
  .constantFrom(...DISK_TEMPLATES, ...FREQUENT)
  .chain((template) =>
    fc.record({
      template: fc.constant(template),
      disks: fc.constantFrom(...DISKS[template]),
      nics: fc.constantFrom(...NICS),
      place: placesFor(template),
      mode: fc.constantFrom(...MODES),
      hypervisor: fc.constantFrom(...HYPERVISORS),
      flags: fc.constantFrom({}, { waitForSync: true }, { ignoreIpolicy: true }),
    }),
  )
  .map(({ template, disks, nics, place, mode, hypervisor, flags }) => ({
    ...{ instanceName: 'web1.example.com', diskTemplate: template, disks, nics },
    ...{ ...COMMON, ...place, ...hypervisor, ...mode, ...flags },
  }));

const changed = fc
  .tuple(soundRequest, changes)
  .map(([sound, some]): unknown => ({ ...sound, ...Object.fromEntries(some) }));

const broken = fc.tuple(soundRequest, edits(3)).map(([sound, damages]) => damaged(sound, damages));

const wire = fc
  .tuple(fc.constantFrom(...wireOpcodes()), edits(3), fc.nat(9))
  .map(([params, damages, soundness]) =>
    damaged(soundness < 8 ? localized(params) : params, damages),
  );

const text = fc
  .tuple(fc.constantFrom(...wireOpcodes()), textEdits(2))
  .map(([params, damages]): unknown => damagedText(JSON.stringify(localized(params)), damages));

/** Any request. */
export const requests: fc.Arbitrary<AnyRequest> = fc.oneof(
  { weight: 24, arbitrary: onWay('ours', soundRequest) },
  { weight: 8, arbitrary: onWay('ours', changed) },
  { weight: 4, arbitrary: onWay('ours', broken) },
  { weight: 2, arbitrary: onWay('ours', anyRequest) },
  { weight: 3, arbitrary: onWay('wire', wire) },
  { weight: 1, arbitrary: onWay('text', text) },
);

function onWay(way: AnyRequest['way'], request: fc.Arbitrary<unknown>): fc.Arbitrary<AnyRequest> {
  const dryRun = fc.nat(11).map((number) => number === 0);
  return fc.record({ way: fc.constant(way), request, dryRun });
}

/** An opcode whose nodes and OS are those of the random clusters. */
function localized(params: unknown): unknown {
  const text = JSON.stringify(params)
    .replaceAll(/(node\d)\.example\.com/g, '$1')
    .replaceAll('debian+default', 'debian');
  const quick = { name_check: false, ip_check: false };
  return { ...(JSON.parse(text) as object), ...quick };
}
