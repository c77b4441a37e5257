/**
 * An instance that another cluster sends. Both clusters share a secret: with it the other one
 * proves who it is, and is told where to send the disks' contents to. The receiving daemons wait on
 * the primary node; what they take goes through the import script of the instance's OS.
 */
import { isIPv6 } from 'node:net';
import { refuse } from '../../errors.js';
import type { ArgsContext, ExecContext } from '../../lu-base.js';
import type { Secret } from '../../model/secret.js';
import { unwrap } from '../../ports/reply.js';
import { osImageOf } from '../args/os-image.js';
import type { CreateOp } from '../op.js';
import {
  CERTIFICATE_VALIDITY_S,
  remoteLimits,
  type TransferLimits,
} from '../../transfer/limits.js';
import { digitsOf, transferMagic, transferSecret } from '../../transfer/magic.js';
import { runTransfers, type TransferJob } from '../../transfer/run.js';
import { undoKey } from '../../transfer/undo.js';
import { checkValidity, readSignedCertificate, signCertificate } from '../trust/certificate.js';
import { checkHandshake } from '../trust/handshake.js';
import { remoteDisk } from '../trust/transfer-secrets.js';
import type { CreatePlan, Installed, Prepared } from '../types.js';
import { endOf, finishImport } from './finish-import.js';
import type { Checked, Source } from './source.js';

/** Mode `remote-import`. */
export const fromOtherCluster: Source = {
  mode: 'remote-import',
  complete: true,
  checkArguments,
  expandNames: () => ({}),
  // Contents come, whatever the request says of installing.
  read: ({ op: { noInstall: _, ...op } }) => ({ op, origin: {} }),
  install,
};

/** Hexadecimal digits of salts. */
const SALT_DIGITS = 16;

async function checkArguments(op: CreateOp, ctx: ArgsContext): Promise<Checked> {
  if (osImageOf(op.osParams) !== undefined) {
    ctx.report.info('An OS image means nothing for an import');
  }
  const secret = domainSecret(ctx);
  checkHandshake(secret, op.sourceHandshake);
  const authority = readSignedCertificate(
    op.sourceX509Ca ??
      refuse.input("The other cluster's certificate is missing; give sourceX509Ca"),
    secret,
  );
  checkValidity(authority, ctx.clock.now());
  const name =
    op.sourceInstanceName ??
    refuse.input("The instance's name on the other cluster is missing; give sourceInstanceName");
  const family = ctx.config.cluster.primaryIpFamily;
  const former = await ctx.resolver.resolve(name, family, ctx.signal);
  return { op, sourceArgs: { formerName: former.name, authority } };
}

/** The secret leaves here for signatures only. */
function domainSecret({
  site,
}: {
  readonly site: { readonly domainSecret?: Secret<string> };
}): string {
  const { domainSecret: secret } = site;
  if (secret === undefined) {
    return refuse.state('This cluster shares no secret with others; set domainSecret in the site');
  }
  return secret.reveal();
}

async function install(
  { runtime }: Prepared,
  plan: CreatePlan,
  ctx: ExecContext,
): Promise<Installed> {
  if (plan.steps.install) {
    const { formerName = runtime.instance.name } = plan.request.sourceArgs;
    const { primary } = plan.nodes;
    ctx.report.step(`Waiting for another cluster to send ${runtime.instance.name}`);
    const request = { validityS: CERTIFICATE_VALIDITY_S };
    const made = await ctx.rpc.createCertificate(primary.id, request);
    const key = unwrap.exec(made, `Cannot make a key for transfers on ${primary.name}`);
    const undo = await ctx.undo.defer(undoKey(primary, key.keyName));
    const { jobs, ends } = await receive(runtime, plan, key, ctx);
    const { keyName } = key;
    const removed = await ctx.rpc.removeCertificate(primary.id, { keyName });
    unwrap.exec(removed, `Cannot remove the key ${keyName} on ${primary.name}`);
    await undo.discard();
    await finishImport(runtime, { ends, jobs, formerName, plan }, ctx);
  }
  return { stage: 'installed', runtime };
}

interface NodeKey {
  readonly keyName: string;
  readonly certificate: string;
}

async function receive(
  runtime: Prepared['runtime'],
  plan: CreatePlan,
  key: NodeKey,
  ctx: ExecContext,
): Promise<{
  readonly jobs: readonly TransferJob[];
  readonly ends: Awaited<ReturnType<typeof runTransfers>>;
}> {
  const limits = remoteLimits(plan.request.sourceShutdownTimeoutS);
  const jobs = jobsOf(runtime, plan, { key, limits }, ctx);
  const onListening = offerOnceAllListen(jobs, plan, key, ctx);
  const { primary } = plan.nodes;
  const ends = await runTransfers({ runtime, to: primary, jobs, limits, onListening }, ctx);
  return { jobs, ends };
}

function jobsOf(
  runtime: Prepared['runtime'],
  { nodes, request }: CreatePlan,
  { key, limits }: { readonly key: NodeKey; readonly limits: TransferLimits },
  { config, reserve }: ExecContext,
): readonly TransferJob[] {
  const base = transferSecret(reserve.drawId());
  const { authority } = request.sourceArgs;
  const ipv6 = isIPv6(config.node(nodes.primary.id).primaryIp);
  return runtime.disks.map((disk, position) => ({
    label: `Disk ${disk.index}`,
    component: `disk${position}`,
    options: {
      keyName: key.keyName,
      ...(authority === undefined ? {} : { authority }),
      compress: request.compress,
      magic: transferMagic(base, runtime.instance.name, position),
      ipv6,
      connectTimeoutS: limits.connectMs / 1000,
    },
    into: endOf(runtime, disk),
  }));
}

/** The other cluster sends all disks at once, so it is told when all of them are awaited. */
function offerOnceAllListen(
  jobs: readonly TransferJob[],
  { nodes }: CreatePlan,
  { certificate }: NodeKey,
  ctx: ExecContext,
): (position: number, port: number) => void {
  const secret = domainSecret(ctx);
  const [certificateSalt, salt] = [1, 2].map(() => digitsOf(ctx.reserve.drawId(), SALT_DIGITS));
  const signed = signCertificate(certificate, secret, certificateSalt ?? '');
  const host = ctx.config.node(nodes.primary.id).primaryIp;
  const ports = new Map<number, number>();
  return (position, port) => {
    ports.set(position, port);
    if (ports.size < jobs.length) return;
    const disks = jobs.map(({ options: { magic = '' } }, at) =>
      remoteDisk({ host, port: ports.get(at) ?? port, magic }, at, secret, salt ?? ''),
    );
    ctx.report.offer({ disks, certificate: signed });
  };
}
