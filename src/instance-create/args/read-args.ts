/**
 * Understands a request, as far as that needs no lock. Order matters where a request has several
 * mistakes: the first one found is reported.
 */
import { refuse } from '../../errors.js';
import type { ArgsContext } from '../../lu-base.js';
import type { Reporter } from '../../ports/reporter.js';
import { resolveHost } from '../names.js';
import type { CreateOp, NicRequest } from '../op.js';
import { sourceOf } from '../source/source-of.js';
import type { CreateArgs } from '../types.js';
import type { InstanceHost, WantedChecks } from '../wishes.js';
import { readDisks } from './disks.js';
import { normalHostName } from './host-name.js';
import { refuseNul } from './no-nul.js';
import { readNicRequests, withCommunicationCard } from './nic-requests.js';
import { readPlacement } from './placement.js';

/** The request, understood. */
export async function readArgs(op: CreateOp, ctx: ArgsContext): Promise<CreateArgs> {
  const { cluster } = ctx.config;
  const about = { compatibility: ctx.compatibility, report: ctx.report };
  refuseNul(op, 'The request');
  checkReservation(op);
  const start = readStart(op, ctx.report);
  const name = normalHostName(op.instanceName);
  const checks = readChecks(op);
  const host: InstanceHost = checks.name ? await resolveHost(name, ctx) : { name };
  const nics = readNicRequests(withOwnCard(op, host, ctx), ctx.compatibility.oddRequests);
  const source = sourceOf(op.mode);
  const fillsDisks = source.fillsDisks === true;
  const { storage, disks, adopts } = readDisks({ ...op, fillsDisks }, cluster);
  const placement = readPlacement(op, storage.template, { ...about, cluster });
  const checked = await source.checkArguments(op, ctx);
  return {
    mode: source.mode,
    op: checked.op,
    host,
    storage,
    disks,
    adopts,
    nics,
    placement,
    start,
    forthcoming: op.forthcoming ?? false,
    commit: op.commit ?? false,
    checks,
    sourceArgs: checked.sourceArgs,
  };
}

function checkReservation({ forthcoming, commit }: CreateOp): void {
  if (forthcoming !== true || commit !== true) return;
  refuse.input('forthcoming reserves a place, commit uses it; ask for one of them');
}

function withOwnCard(op: CreateOp, host: InstanceHost, ctx: ArgsContext): readonly NicRequest[] {
  if (op.instanceCommunication !== true) return op.nics;
  return withCommunicationCard(op.nics, host.name, ctx.config.cluster.communicationNetwork);
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
