/**
 * The parameters of `OP_INSTANCE_CREATE`, in the order in which Ganeti checks them: type, default,
 * and the field of our request that says the same. A parameter is required if its default does not
 * pass its own check.
 */
import type { CreateOp } from '../../instance-create/op.js';
import { DISK_TEMPLATES } from '../../model/disk-template.js';
import { HYPERVISOR_NAMES } from '../../model/hypervisor.js';
import { once } from '../wire/check.js';
import type { JsonValue } from '../wire/json.js';
import * as wire from './types.js';

/** One parameter. */
export interface OpParam {
  /** Its name on the wire. */
  readonly name: string;
  /** What a value has to be. */
  readonly type: wire.WireType;
  /** What holds if it is not given. */
  readonly initial: JsonValue;
  /** Whether it has to be given. */
  readonly required?: true;
  /** Our field; absent: requests of ours have no such field. */
  readonly field?: keyof CreateOp;
}

type Row = readonly [
  name: string,
  type: wire.WireType,
  initial: JsonValue,
  field?: keyof CreateOp,
  required?: 'required',
];

/** The opcode's name. */
export const CREATE_OP_ID = 'OP_INSTANCE_CREATE';

/** All parameters, in order. Built when they are first needed. */
export const createParams = once((): readonly OpParam[] =>
  rows().map(([name, type, initial, field, required]) => ({
    name,
    type,
    initial,
    ...(field === undefined ? {} : { field }),
    ...(required === undefined ? {} : { required: true }),
  })),
);

function rows(): readonly Row[] {
  return [...requestRows(), ...sourceRows(), ...endRows(), ...jobRows()];
}

/** What is wanted and where. */
function requestRows(): readonly Row[] {
  const { text, filledText, flag, anything, maybe, oneOf, listOf, dictOf, disk, nic } = wire;
  const name = maybe(filledText());
  return [
    ['instance_name', text(), null, 'instanceName', 'required'],
    ['force_variant', flag(), false, 'forceVariant'],
    ['wait_for_sync', flag(), true, 'waitForSync'],
    ['name_check', flag(), true, 'nameCheck'],
    ['ignore_ipolicy', flag(), false, 'ignoreIpolicy'],
    ['opportunistic_locking', flag(), false, 'opportunisticLocking'],
    ['beparams', dictOf(anything()), {}, 'beParams'],
    ['disks', listOf(disk()), null, 'disks', 'required'],
    ['disk_template', maybe(oneOf(...DISK_TEMPLATES)), null, 'diskTemplate'],
    ['group_name', name, null, 'groupName'],
    ['file_driver', maybe(oneOf('blktap', 'blktap2', 'loop')), null, 'fileDriver'],
    ['file_storage_dir', name, null, 'fileStorageDir'],
    ['hvparams', dictOf(anything()), {}, 'hvParams'],
    ['hypervisor', maybe(oneOf(...HYPERVISOR_NAMES)), null, 'hypervisor'],
    ['iallocator', name, null, 'iallocator'],
    ['identify_defaults', flag(), false, 'identifyDefaults'],
    ['ip_check', flag(), true, 'ipCheck'],
    ['conflicts_check', flag(), true, 'conflictsCheck'],
    ['mode', oneOf('create', 'import', 'remote-import'), null, 'mode', 'required'],
    ['nics', listOf(nic()), null, 'nics', 'required'],
    ['no_install', maybe(flag()), null, 'noInstall'],
    ['osparams', dictOf(anything()), {}, 'osParams'],
    ['osparams_private', maybe(dictOf(anything())), null, 'osParamsPrivate'],
    ['osparams_secret', maybe(dictOf(anything())), null, 'osParamsSecret'],
    ['os_type', name, null, 'osType'],
    ['pnode', name, null, 'pnode'],
    ['pnode_uuid', name, null],
    ['snode', name, null, 'snode'],
    ['snode_uuid', name, null],
  ];
}

/** Where an import comes from. */
function sourceRows(): readonly Row[] {
  const { text, filledText, notNegative, anything, maybe, listOf } = wire;
  const name = maybe(filledText());
  return [
    ['source_handshake', maybe(listOf(anything())), null],
    ['source_instance_name', name, null],
    ['source_shutdown_timeout', notNegative(), 120],
    ['source_x509_ca', name, null],
    ['src_node', name, null],
    ['src_node_uuid', name, null],
    ['src_path', name, null],
    ['compress', text(), 'none'],
  ];
}

/** How it ends. */
function endRows(): readonly Row[] {
  const { filledText, flag, integer, maybe, listOf } = wire;
  return [
    ['start', flag(), true, 'start'],
    ['forthcoming', flag(), false, 'forthcoming'],
    ['commit', flag(), false, 'commit'],
    ['tags', listOf(filledText()), [], 'tags'],
    ['instance_communication', flag(), false],
    ['helper_startup_timeout', maybe(integer()), null],
    ['helper_shutdown_timeout', maybe(integer()), null],
  ];
}

/** What every opcode has: it says how its job is run. */
function jobRows(): readonly Row[] {
  const { text, flag, notNegative, anything, maybe, oneOf, listOf, dependencies } = wire;
  return [
    ['dry_run', maybe(flag()), null],
    ['debug_level', maybe(notNegative()), null],
    ['priority', oneOf(0, 10, -10), 0],
    ['depends', maybe(dependencies()), null],
    ['comment', maybe(text()), null],
    ['reason', maybe(listOf(anything())), []],
  ];
}
