/**
 * The cluster's install image, which helper machines boot from: a file on the node, or a URL that
 * the node fetches. The temporary disk for it has to be as large (Ganeti's `DetermineImageSize`).
 */
import { ExecError, messageOf } from '../errors.js';
import type { ExecContext, PrereqContext } from '../lu-base.js';
import { throwIfCancelled } from '../lu-helpers.js';
import type { DownloadSize } from '../ports/download-size.js';
import { unwrap } from '../ports/reply.js';
import type { PlannedNode } from './types.js';

const BYTES_PER_MIB = 1024 * 1024;

/** What says where the image is, and how it is asked for. */
export type ImageSite = Pick<PrereqContext, 'config' | 'site'>;

/** An image that can be used. */
export interface InstallImage {
  /** Path on the node, or URL. */
  readonly from: string;
  /** Tells the size of what is elsewhere; absent: the image is on the node. */
  readonly sizeThere?: DownloadSize;
}

/** Why no helper machine can be booted; `undefined` if the cluster has an image of use. */
export function imageProblem(ctx: ImageSite): string | undefined {
  const found = findImage(ctx);
  return typeof found === 'string' ? found : undefined;
}

/** The image. Throws `ExecError` if there is none of use. */
export function installImage(ctx: ImageSite): InstallImage {
  const found = findImage(ctx);
  if (typeof found !== 'string') return found;
  throw new ExecError(`No helper machine can be made: ${found}`);
}

/** The image, or what is wrong. */
function findImage({ config, site }: ImageSite): InstallImage | string {
  const { installImage: from = '' } = config.cluster;
  const { downloadSize: sizeThere } = site;
  if (from === '') return 'the cluster has no image for a helper machine; set its installImage';
  if (from.startsWith('/')) return { from };
  if (sizeThere !== undefined) return { from, sizeThere };
  return (
    `nobody here can ask for the size of ${from}; set downloadSize in the site, ` +
    'give the install image by its path'
  );
}

/** The size of the image, MiB, rounded up. Throws `ExecError`. */
export async function imageSizeMib(
  { from, sizeThere }: InstallImage,
  node: PlannedNode,
  ctx: ExecContext,
): Promise<number> {
  const size =
    sizeThere === undefined ? fileSize(from, node, ctx) : askedSize(from, sizeThere, ctx.signal);
  return Math.ceil((await size) / BYTES_PER_MIB);
}

async function fileSize(image: string, node: PlannedNode, ctx: ExecContext): Promise<number> {
  const reply = await ctx.rpc.fileFacts(node.id, { path: image });
  const { exists, sizeBytes } = unwrap.exec(reply, `Cannot look at ${image} on ${node.name}`);
  if (exists && sizeBytes !== undefined) return sizeBytes;
  throw new ExecError(`${node.name} has no file ${image}; copy the install image there`);
}

async function askedSize(url: string, ask: DownloadSize, signal: AbortSignal): Promise<number> {
  try {
    return await ask(url, signal);
  } catch (cause) {
    throwIfCancelled(signal, `the size of ${url} was known`);
    throw new ExecError(`Cannot learn the size of ${url}: ${messageOf(cause)}`, { cause });
  }
}
