/**
 * The node daemon's procedures that are used here: whether one asks many nodes at once, and how
 * long an answer may take.
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
}

const one = (limit: ProcedureFacts['limit']): ProcedureFacts => ({ multi: false, limit });
const many = (limit: ProcedureFacts['limit']): ProcedureFacts => ({ multi: true, limit });

const PROCEDURES = {
  all_instances_info: many('urgent'),
  bdev_sizes: many('urgent'),
  blockdev_assemble: one('normal'),
  blockdev_create: one('normal'),
  blockdev_getmirrorstatus: one('normal'),
  blockdev_image: one('slow'),
  blockdev_pause_resume_sync: one('normal'),
  blockdev_remove: one('normal'),
  blockdev_rename: one('normal'),
  blockdev_shutdown: one('normal'),
  blockdev_snapshot: one('normal'),
  blockdev_wipe: one('slow'),
  bridges_exist: one('urgent'),
  export_info: one('fast'),
  export_list: many('fast'),
  export_remove: one('fast'),
  export_start: one('normal'),
  file_storage_dir_create: one('fast'),
  file_storage_dir_remove: one('fast'),
  finalize_export: one('normal'),
  get_file_info: one('fast'),
  hooks_runner: many('normal'),
  hypervisor_validate_params: many('normal'),
  iallocator_runner: one('normal'),
  impexp_abort: one('normal'),
  impexp_cleanup: one('normal'),
  impexp_status: one('fast'),
  import_start: one('normal'),
  instance_info: one('urgent'),
  instance_list: many('urgent'),
  instance_metadata_modify: one('urgent'),
  instance_os_add: one('day'),
  instance_run_rename: one('slow'),
  instance_shutdown: one('normal'),
  instance_start: one('normal'),
  lv_list: many('urgent'),
  node_info: many('urgent'),
  os_diagnose: many('fast'),
  os_export: one('fast'),
  os_validate: many('fast'),
  vg_list: many('urgent'),
  x509_cert_create: one('normal'),
  x509_cert_remove: one('normal'),
} as const satisfies Readonly<Record<string, ProcedureFacts>>;

/** A procedure's name. */
export type Procedure = keyof typeof PROCEDURES;

/** Whether the procedure asks many nodes at once. */
export function isMulti(procedure: Procedure): boolean {
  return PROCEDURES[procedure].multi;
}

/** How long an answer may take, milliseconds. */
export function limitOf(procedure: Procedure): number {
  return LIMITS_MS[PROCEDURES[procedure].limit];
}
