/**
 * Names, addresses, labels and paths.
 */
import { ProgrammerError } from '../../../src/errors.js';
import { formatSize, type SizeUnit } from '../../../src/ganeti/text/units.js';
import { matchNameComponent } from '../../../src/ganeti/text/names.js';
import { deviceNames } from '../../../src/instance-create/args/device-names.js';
import { checkSubdirectory } from '../../../src/instance-create/args/file-storage-dir.js';
import { normalHostName } from '../../../src/instance-create/args/host-name.js';
import { isAddress, normalMac } from '../../../src/instance-create/args/nic-address.js';
import { checkOsImage, osImageOf } from '../../../src/instance-create/args/os-image.js';
import { checkTag } from '../../../src/instance-create/args/tags.js';
import { readVlan } from '../../../src/instance-create/args/vlan.js';
import { canAccess } from '../../../src/instance-create/prereq/access.js';
import { osBaseName, osVariant } from '../../../src/model/fill.js';
import type { FunctionTable } from './types.js';

const DEVICES = { disk: 'disk', NIC: 'network card' } as const;

/** The functions. */
export const TABLE: FunctionTable = {
  GetNormalizedName: (args) => normalHostName(args.get('hostname')),
  MatchNameComponent: (args) =>
    matchNameComponent(args.get('key'), args.get('name_list'), args.get('case_sensitive')),
  NormalizeAndValidateMac: (args) => normalMac(args.get('mac')),
  'IPAddress.IsValid': (args) => isAddress(args.get('address')),
  ValidateDeviceNames: (args) => {
    const devices = args.get<readonly { readonly name?: string | null }[]>('container');
    const kind = DEVICES[args.get<keyof typeof DEVICES>('kind')];
    deviceNames(
      kind,
      devices.map(({ name }) => name ?? undefined),
    );
  },
  ValidateTag: (args) => checkTag(args.get('tag'), 'accepted'),
  CheckImageValidity: (args) => checkOsImage(args.maybe('image')),
  PathJoin: (args) => {
    const [root = '', ...parts] = args.get<readonly string[]>('parts');
    // What the peer finds out while it runs, our types say before: what is joined is two things.
    if (parts.length === 0) throw new ProgrammerError('there is nothing to be joined');
    if (!root.startsWith('/')) throw new Error('not absolute');
    if (root !== '/') checkSubdirectory(root.slice(1));
    for (const part of parts) checkSubdirectory(part);
    return [root === '/' ? '' : root, ...parts].join('/');
  },
  FormatUnit: (args) => formatSize(args.get('value'), args.get<SizeUnit>('units')),
  ValidateTrunkVLAN: (args) => void readVlan(args.get('vlan'), 'accepted'),
  IsValidDiskAccessModeCombination: (args) =>
    canAccess(args.get('hv'), args.get('disk_template'), args.get('mode')),
  'OS.GetName': (args) => osBaseName(args.get('name')),
  'OS.GetVariant': (args) => osVariant(args.get('name')),
  GetOSImage: (args) => osImageOf(args.maybe('osparams')),
};
