/**
 * Disk images that hold an operating system: where a request names one, and what it may look like.
 */
import { refuse } from '../../errors.js';
import type { CreateOp } from '../op.js';

/** The public parameter that names a disk image, as in Ganeti. */
const OS_IMAGE = 'os-image';

const URL_FORM = /^(https?|ftps?):\/\//;

/** The image that public OS parameters name, if any. */
export function osImageOf(osParams: CreateOp['osParams']): string | undefined {
  const image = osParams?.[OS_IMAGE];
  return typeof image === 'string' ? image : undefined;
}

/** Refuses an image that is neither an absolute path nor a URL. No image is fine. */
export function checkOsImage(image: string | undefined): void {
  if (image === undefined || image.startsWith('/') || URL_FORM.test(image)) return;
  refuse.input(`OS image '${image}' is neither an absolute path nor a URL; give one of them`, {
    about: 'unclassified',
  });
}
