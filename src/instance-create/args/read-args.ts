/**
 * Understands a request, as far as that needs no lock. Order matters where a request has several
 * mistakes: the first one found is reported.
 */
import { refuse } from '../../errors.js';
import type { ArgsContext } from '../../lu-base.js';
import type { Reporter } from '../../ports/reporter.js';
import type { CreateOp } from '../op.js';
import { sourceOf } from '../source/source.js';
import type { CreateArgs, WantedChecks } from '../types.js';
import { readDisks, readStorage } from './disks.js';
import { normalHostName } from './host-name.js';
import { readNics } from './nics.js';
import { readBeParams, readHvParams, readHypervisor } from './params.js';
import { readPlacement } from './placement.js';
import { checkSupported } from './supported.js';
import { readTags } from './tags.js';

/** The request, understood. */
export function readArgs(op: CreateOp, ctx: ArgsContext): CreateArgs {
  const { cluster } = ctx.config;
  const source = sourceOf(op.mode);
  checkSupported(op);
  const checks = readChecks(op);
  const instanceName = normalHostName(op.instanceName);
  const nics = readNics(op.nics, cluster.nicParams, checks.name);
  const storage = readStorage(op, cluster);
  const disks = readDisks(op.disks);
  const placement = readPlacement(op, cluster, ctx.report);
  const os = source.readOs(op, cluster);
  const hypervisor = readHypervisor(op.hypervisor, cluster.enabledHypervisors);
  return {
    mode: source.mode,
    instanceName,
    storage,
    disks,
    nics,
    placement,
    hypervisor,
    tags: readTags(op.tags ?? []),
    hvParams: readHvParams(op.hvParams ?? {}, ctx.hypervisor(hypervisor).params, hypervisor),
    beParams: readBeParams(op.beParams ?? {}, cluster),
    os,
    start: readStart(op, ctx.report),
    checks,
    identifyDefaults: op.identifyDefaults ?? false,
  };
}

function readChecks(op: CreateOp): WantedChecks {
  const name = op.nameCheck ?? true;
  const ip = op.ipCheck ?? true;
  if (ip && !name) {
    refuse.input('ipCheck needs the address that nameCheck finds; turn both on or both off');
  }
  return {
    name,
    ip,
    conflicts: op.conflictsCheck ?? true,
    policy: op.ignoreIpolicy !== true,
  };
}

/** A disk without an operating system cannot boot. */
function readStart(op: CreateOp, report: Reporter): boolean {
  const start = op.start ?? true;
  if (start && op.noInstall === true) {
    report.info('The instance will not be started, since nothing is installed on it');
    return false;
  }
  return start;
}
