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

/**
 * What an opcode says of its job rather than of the instance.
 * @public
 */
export interface OpcodeJob {
  /** Only show what would be done. */
  readonly dryRun?: boolean;
  /** How much OS scripts tell, 0 to 9. */
  readonly debugLevel?: number;
  /** Urgency: 10 low, 0 normal, -10 high. */
  readonly priority?: number;
  /** Jobs that have to end first, and how they may end. */
  readonly depends?: readonly unknown[];
  /** A note. */
  readonly comment?: string;
  /** Who asked for it and why: lists of source, reason and time in nanoseconds. */
  readonly reason?: readonly unknown[];
}

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
  /** Our field; absent: it is said of the job. */
  readonly field?: keyof CreateOp;
  /** The job's field. */
  readonly job?: keyof OpcodeJob;
}

type Row = readonly [
  name: string,
  type: wire.WireType,
  initial: JsonValue,
  field: keyof CreateOp,
  required?: 'required',
];

/** The opcode's name. */
export const CREATE_OP_ID = 'OP_INSTANCE_CREATE';

/** All parameters, in order. Built when they are first needed. */
export const createParams = once((): readonly OpParam[] => [...ownParams(), ...jobParams()]);

function ownParams(): readonly OpParam[] {
  const rows = [...requestRows(), ...sourceRows(), ...endRows()];
  return rows.map(([name, type, initial, field, required]) => ({
    name,
    type,
    initial,
    field,
    ...(required === undefined ? {} : { required: true }),
  }));
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
    ['pnode_uuid', name, null, 'pnodeUuid'],
    ['snode', name, null, 'snode'],
    ['snode_uuid', name, null, 'snodeUuid'],
  ];
}

/** Where an import comes from. */
function sourceRows(): readonly Row[] {
  const { text, filledText, notNegative, anything, maybe, listOf } = wire;
  const name = maybe(filledText());
  return [
    ['source_handshake', maybe(listOf(anything())), null, 'sourceHandshake'],
    ['source_instance_name', name, null, 'sourceInstanceName'],
    ['source_shutdown_timeout', notNegative(), 120, 'sourceShutdownTimeoutS'],
    ['source_x509_ca', name, null, 'sourceX509Ca'],
    ['src_node', name, null, 'srcNode'],
    ['src_node_uuid', name, null, 'srcNodeUuid'],
    ['src_path', name, null, 'srcPath'],
    ['compress', text(), 'none', 'compress'],
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
    ['instance_communication', flag(), false, 'instanceCommunication'],
    ['helper_startup_timeout', maybe(integer()), null, 'helperStartupTimeoutS'],
    ['helper_shutdown_timeout', maybe(integer()), null, 'helperShutdownTimeoutS'],
  ];
}

/** What every opcode has: it says how its job is run. */
function jobParams(): readonly OpParam[] {
  const { text, flag, notNegative, anything, maybe, oneOf, listOf, dependencies } = wire;
  return [
    { name: 'dry_run', type: maybe(flag()), initial: null, job: 'dryRun' },
    { name: 'debug_level', type: maybe(notNegative()), initial: null, job: 'debugLevel' },
    { name: 'priority', type: oneOf(0, 10, -10), initial: 0, job: 'priority' },
    { name: 'depends', type: maybe(dependencies()), initial: null, job: 'depends' },
    { name: 'comment', type: maybe(text()), initial: null, job: 'comment' },
    { name: 'reason', type: maybe(listOf(anything())), initial: [], job: 'reason' },
  ];
}
