/**
 * The node daemon's procedures that are used here: whether one asks many nodes at once, how long an
 * answer may take, and whether it only reads, so that it may be asked again.
 */

/** Most time for an answer, by how much work a procedure is (Ganeti's `RPC_TMO_*`). */
const LIMITS_MS = {
  urgent: 60_000,
  fast: 300_000,
  normal: 900_000,
  slow: 3_600_000,
  day: 86_400_000,
} as const;

interface ProcedureFacts {
  readonly multi: boolean;
  readonly limit: keyof typeof LIMITS_MS;
  /** Changes nothing on the node, and runs nobody's scripts: asking twice is asking once. */
  readonly reads: boolean;
}

type Limit = ProcedureFacts['limit'];

const asksOne = (limit: Limit): ProcedureFacts => ({ multi: false, limit, reads: true });
const asksMany = (limit: Limit): ProcedureFacts => ({ multi: true, limit, reads: true });
const tellsOne = (limit: Limit): ProcedureFacts => ({ multi: false, limit, reads: false });
const tellsMany = (limit: Limit): ProcedureFacts => ({ multi: true, limit, reads: false });

const PROCEDURES = {
  all_instances_info: asksMany('urgent'),
  bdev_sizes: asksMany('urgent'),
  blockdev_assemble: tellsOne('normal'),
  blockdev_close: tellsOne('normal'),
  blockdev_create: tellsOne('normal'),
  blockdev_getmirrorstatus: asksOne('normal'),
  blockdev_image: tellsOne('slow'),
  blockdev_pause_resume_sync: tellsOne('normal'),
  blockdev_remove: tellsOne('normal'),
  blockdev_rename: tellsOne('normal'),
  blockdev_shutdown: tellsOne('normal'),
  blockdev_snapshot: tellsOne('normal'),
  blockdev_wipe: tellsOne('slow'),
  bridges_exist: asksOne('urgent'),
  export_info: asksOne('fast'),
  export_list: asksMany('fast'),
  export_remove: tellsOne('fast'),
  export_start: tellsOne('normal'),
  file_storage_dir_create: tellsOne('fast'),
  file_storage_dir_remove: tellsOne('fast'),
  finalize_export: tellsOne('normal'),
  get_file_info: asksOne('fast'),
  hooks_runner: tellsMany('normal'),
  hypervisor_validate_params: asksMany('normal'),
  iallocator_runner: asksOne('normal'),
  impexp_abort: tellsOne('normal'),
  impexp_cleanup: tellsOne('normal'),
  impexp_status: asksOne('fast'),
  import_start: tellsOne('normal'),
  instance_info: asksOne('urgent'),
  instance_list: asksMany('urgent'),
  instance_metadata_modify: tellsOne('urgent'),
  instance_os_add: tellsOne('day'),
  instance_run_rename: tellsOne('slow'),
  instance_shutdown: tellsOne('normal'),
  instance_start: tellsOne('normal'),
  lv_list: asksMany('urgent'),
  node_info: asksMany('urgent'),
  os_diagnose: asksMany('fast'),
  os_export: tellsOne('fast'),
  os_validate: tellsMany('fast'),
  vg_list: asksMany('urgent'),
  x509_cert_create: tellsOne('normal'),
  x509_cert_remove: tellsOne('normal'),
} as const satisfies Readonly<Record<string, ProcedureFacts>>;

/** A procedure's name. */
export type Procedure = keyof typeof PROCEDURES;

/** Whether the procedure asks many nodes at once. */
export function isMulti(procedure: Procedure): boolean {
  return PROCEDURES[procedure].multi;
}

/** Whether the procedure only reads: a call that got lost may be repeated. */
export function changesNothing(procedure: string): boolean {
  const facts: Readonly<Record<string, ProcedureFacts>> = PROCEDURES;
  return Object.hasOwn(facts, procedure) && facts[procedure]?.reads === true;
}

/** How long an answer may take, milliseconds. */
export function limitOf(procedure: Procedure): number {
  return LIMITS_MS[PROCEDURES[procedure].limit];
}
