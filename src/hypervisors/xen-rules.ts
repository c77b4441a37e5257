/**
 * The rules that Xen's two kinds of guests have in common: those that know of being guests
 * (`xen-pvm`) and those that see a whole machine (`xen-hvm`).
 */
import { cpuMasks } from './cpu-mask.js';
import { absolutePath, oneOf } from './forms.js';
import { MIGRATION_MODE, MIGRATION_PORT, REBOOT_BEHAVIOR } from './shared-rules.js';
import { optional, type RuleTable, required } from './syntax.js';

/** Rules of both kinds. */
export const XEN_RULES: RuleTable = {
  cpu_mask: optional(cpuMasks),
  kernel_path: required(absolutePath),
  migration_mode: MIGRATION_MODE,
  migration_port: MIGRATION_PORT,
  reboot_behavior: REBOOT_BEHAVIOR,
  vif_script: optional(absolutePath),
  xen_cmd: required(oneOf('xl', 'xm')),
};
