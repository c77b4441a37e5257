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
import type { RemoteDisk } from '../../ports/transfer.js';
import { osImageOf } from '../args/os-image.js';
import type { CreateOp } from '../op.js';
import {
  CERTIFICATE_VALIDITY_S,
  remoteLimits,
  type TransferLimits,
} from '../../transfer/limits.js';
import { digitsOf, transferMagic, transferSecret } from '../../transfer/magic.js';
import {
  type EndedTransfer,
  runTransfers,
  type TransferJob,
  type TransferPlan,
} from '../../transfer/run.js';
import { undoKey } from '../../transfer/undo.js';
import { checkValidity, readSignedCertificate, signCertificate } from '../trust/certificate.js';
import { checkHandshake } from '../trust/handshake.js';
import { remoteDisk } from '../trust/transfer-secrets.js';
import type { CreatePlan, Installed, Prepared } from '../types.js';
import { endOf, finishImport } from './finish-import.js';
import type { Checked, Source } from './source.js';
import type { Sender } from './source-data.js';

/** Mode `remote-import`. */
export const fromOtherCluster: Source = {
  mode: 'remote-import',
  complete: true,
  checkArguments,
  expandNames: () => ({}),
  // Contents come, whatever the request says of installing.
  read: ({ op: { noInstall: _, ...op } }) => ({ op }),
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
  return { op, sourceArgs: { sender: { formerName: former.name, authority } } };
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
  const { sender } = plan.request.sourceArgs;
  if (plan.steps.install && sender !== undefined) {
    const { primary } = plan.nodes;
    ctx.report.step(`Waiting for another cluster to send ${runtime.instance.name}`);
    const request = { validityS: CERTIFICATE_VALIDITY_S };
    const made = await ctx.rpc.createCertificate(primary.id, request);
    const key = unwrap.exec(made, `Cannot make a key for transfers on ${primary.name}`);
    const undo = await ctx.undo.defer(undoKey(primary, key.keyName));
    const ends = await receive(runtime, plan, { key, sender }, ctx);
    const { keyName } = key;
    const removed = await ctx.rpc.removeCertificate(primary.id, { keyName });
    unwrap.exec(removed, `Cannot remove the key ${keyName} on ${primary.name}`);
    await undo.discard();
    await finishImport(runtime, { ends, formerName: sender.formerName, plan }, ctx);
  }
  return { stage: 'installed', runtime };
}

/** What the two sides are known by. */
interface Parties {
  /** The receiving node's. */
  readonly key: { readonly keyName: string; readonly certificate: string };
  readonly sender: Sender;
}

async function receive(
  runtime: Prepared['runtime'],
  plan: CreatePlan,
  parties: Parties,
  ctx: ExecContext,
): Promise<readonly EndedTransfer[]> {
  const limits = remoteLimits(plan.request.sourceShutdownTimeoutS);
  const jobs = jobsOf(runtime, plan, { ...parties, limits }, ctx);
  const onListening = offerOnceAllListen(jobs.length, plan, parties.key, ctx);
  const { primary } = plan.nodes;
  return runTransfers({ runtime, to: primary, jobs, limits, onListening }, ctx);
}

function jobsOf(
  runtime: Prepared['runtime'],
  { nodes, request }: CreatePlan,
  { key, sender, limits }: Parties & { readonly limits: TransferLimits },
  { config, reserve }: ExecContext,
): readonly TransferJob[] {
  const base = transferSecret(reserve.drawId());
  const ipv6 = isIPv6(config.node(nodes.primary.id).primaryIp);
  return runtime.disks.map((disk, position) => ({
    label: `Disk ${disk.index}`,
    component: `disk${position}`,
    options: {
      keyName: key.keyName,
      authority: sender.authority,
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
  count: number,
  { nodes }: CreatePlan,
  { certificate }: Parties['key'],
  ctx: ExecContext,
): NonNullable<TransferPlan['onListening']> {
  const secret = domainSecret(ctx);
  const signed = signCertificate(certificate, secret, drawSalt(ctx));
  const salt = drawSalt(ctx);
  const host = ctx.config.node(nodes.primary.id).primaryIp;
  const disks = new Map<number, RemoteDisk>();
  return (position, port, { magic = '' }) => {
    disks.set(position, remoteDisk({ host, port, magic }, position, secret, salt));
    if (disks.size < count) return;
    const inOrder = [...disks].sort(([a], [b]) => a - b).map(([, disk]) => disk);
    ctx.report.offer({ disks: inOrder, certificate: signed });
  };
}

function drawSalt({ reserve }: ExecContext): string {
  return digitsOf(reserve.drawId(), SALT_DIGITS);
}
