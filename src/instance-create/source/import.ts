/**
 * An instance made from an export: a directory on a node, with a description and a file for each
 * disk. The files go through the import script of the instance's OS, node to node.
 */
import { refuse } from '../../errors.js';
import type { ArgsContext, ExecContext, PrereqContext } from '../../lu-base.js';
import type { NodeId } from '../../model/ids.js';
import { osImageOf } from '../args/os-image.js';
import { refuseNul } from '../args/no-nul.js';
import { lookUpNode, nodeRef } from '../look-up-node.js';
import type { ExportDescription, ExportFormat } from '../../ports/export-format.js';
import type { CreateOp } from '../op.js';
import { LOCAL_LIMITS } from '../../transfer/limits.js';
import { localOptions, transferMagic, transferSecret } from '../../transfer/magic.js';
import { runTransfers, type TransferJob } from '../../transfer/run.js';
import type { CreateArgs, CreateNames, CreatePlan, Installed, Prepared } from '../types.js';
import type { Origin } from '../wishes.js';
import { endOf, finishImport } from './finish-import.js';
import { importedFrom, layUnder } from './lay-under.js';
import type { Checked, ReadRequest, Source } from './source.js';
import type { Imported } from './source-data.js';

/** Mode `import`. */
export const fromExport: Source = {
  mode: 'import',
  fillsDisks: true,
  checkArguments,
  expandNames,
  read,
  install,
};

/** Where an export was found. */
type FoundExport = Pick<Imported, 'node' | 'path'>;

function checkArguments(op: CreateOp, ctx: ArgsContext): Checked {
  const { report } = ctx;
  formatOf(ctx);
  if (op.noInstall === true) report.info('noInstall means nothing for an import');
  if (osImageOf(op.osParams) !== undefined) report.info('An OS image means nothing for an import');
  // A variant that was forced once works again, or the instance could never come back.
  return { op: { ...op, forceVariant: true }, sourceArgs: {} };
}

function expandNames({ op, host }: CreateArgs, { config, site }: ArgsContext): Origin {
  const path = op.srcPath ?? host.name;
  const reference = nodeRef(op.srcNode, op.srcNodeUuid);
  if (reference === undefined) {
    if (path.startsWith('/')) {
      refuse.input(`'${path}' is a directory of some node; give its srcNode, or the export's name`);
    }
    return { node: 'search', path };
  }
  const directory = path.startsWith('/') ? path : exportPath(site.exportDir, path);
  return { node: lookUpNode(reference, config).id, path: directory };
}

/** The directory of an export by name. A name that leads out of the directory is refused. */
function exportPath(exportDir: string, name: string): string {
  if (name.split('/').includes('..')) {
    refuse.input(`'${name}' leads out of the directory of exports; give the name of an export`);
  }
  return `${exportDir.replace(/\/+$/, '')}/${name}`;
}

async function read(names: CreateNames, ctx: PrereqContext): Promise<ReadRequest> {
  const found = await findExport(names.origin, ctx);
  const { name, offline } = ctx.config.node(found.node);
  if (offline) refuse.state(`Node '${name}', which holds the export, is marked offline`);
  const reply = await ctx.rpc.exportInfo(found.node, { path: found.path });
  if (!reply.ok) {
    const message = `Node ${name} has no readable export in ${found.path}: ${reply.message}`;
    return refuse.environment(message, { about: 'verdict' });
  }
  const description = formatOf(ctx)(reply.payload);
  if (ctx.compatibility.partialImports === 'refused') checkSizes(names.op, description);
  const op = layUnder(names.op, description);
  if (op.disks.length === 0 && names.storage.template !== 'diskless') {
    refuse.input('Neither the request nor the export says anything of disks; give some');
  }
  const imported = importedFrom(description, found, op.disks.length);
  refuseNul({ ...op, ...imported }, `The export in ${found.path}`);
  return { op, imported };
}

/**
 * Without its size a disk would be left out, and the contents of those behind it would go to their
 * neighbours, as in Ganeti.
 */
function checkSizes({ disks }: CreateOp, { instance }: ExportDescription): void {
  const at = instance.disks.findIndex(({ sizeMib }) => sizeMib === undefined);
  if (disks.length > 0 || at < 0) return;
  refuse.environment(`The export does not tell the size of disk ${at}; give the disks yourself`);
}

function formatOf({ site }: Pick<ArgsContext, 'site'>): ExportFormat {
  return (
    site.exportFormat ??
    refuse.state('Exports cannot be read here; set exportFormat in the site of this host')
  );
}

async function findExport(origin: Origin, ctx: PrereqContext): Promise<FoundExport> {
  const { node, path = '' } = origin;
  if (node !== undefined && node !== 'search') return { node, path };
  const nodes = [...ctx.locks.at('node')].sort() as NodeId[];
  const lists = await ctx.rpc.listExports(nodes, {});
  const holder = nodes.find((id) => {
    const reply = lists.get(id);
    return reply?.ok === true && reply.payload.includes(path);
  });
  if (holder !== undefined) return { node: holder, path: exportPath(ctx.site.exportDir, path) };
  return refuse.input(`No node has an export '${path}'; give srcPath, or srcNode as well`);
}

async function install(
  { runtime }: Prepared,
  plan: CreatePlan,
  ctx: ExecContext,
): Promise<Installed> {
  const { imported, nodes, steps } = plan;
  if (steps.install && imported !== undefined) {
    ctx.report.step(`Importing the disks of ${runtime.instance.name}`);
    const jobs = jobsOf(runtime, imported, plan, ctx);
    if (jobs.length < runtime.disks.length) {
      ctx.report.warn(`The export has no file for some disks of ${runtime.instance.name}`);
    }
    const ends = await runTransfers(
      { runtime, to: nodes.primary, jobs, limits: LOCAL_LIMITS },
      ctx,
    );
    await finishImport(runtime, { ends, formerName: imported.formerName, plan }, ctx);
  }
  return { stage: 'installed', runtime };
}

/** One for each disk that has a file. Both sides count transfers, not disks. */
function jobsOf(
  runtime: Prepared['runtime'],
  { node, images, sizesMib }: Imported,
  { nodes, request }: CreatePlan,
  { config, reserve }: ExecContext,
): readonly TransferJob[] {
  const base = transferSecret(reserve.drawId());
  const source = config.node(node);
  const host = config.node(nodes.primary.id).secondaryIp;
  const carried = runtime.disks.flatMap((disk, at) => {
    const path = images[at];
    return path === undefined ? [] : [{ disk, path, sizeMib: sizesMib[at] }];
  });
  return carried.map(({ disk, path, sizeMib }, position) => ({
    label: `Disk ${disk.index}`,
    component: `disk${position}`,
    options: localOptions(request.compress, transferMagic(base, runtime.instance.name, position)),
    into: endOf(runtime, disk, sizeMib),
    from: { node: source, end: { kind: 'file', path }, host },
  }));
}
