/**
 * Understands which operating system is wanted: a definition, a disk image, or both. Secrets of its
 * parameters are wrapped here at once.
 */
import { refuse } from '../../errors.js';
import type { Cluster } from '../../model/cluster.js';
import { Secret } from '../../model/secret.js';
import type { OsParams } from '../../ports/runtime.js';
import type { CreateOp } from '../op.js';
import type { OsSpec } from '../wishes.js';
import { checkOsImage, osImageOf } from './os-image.js';
import type { OddRequests } from './odd-requests.js';

const FORM = /^[\w.-]+(\+[\w.+-]*)?$/;

/** What a request says of the operating system. */
export type OsRequest = Pick<
  CreateOp,
  'osType' | 'osParams' | 'osParamsPrivate' | 'osParamsSecret' | 'forceVariant' | 'noInstall'
>;

/**
 * The OS of a request for an instance that is made from nothing. A request without definition and
 * image is refused, and so is what the cluster does not allow.
 */
export function readOs(
  op: OsRequest,
  { blacklistedOs }: Pick<Cluster, 'blacklistedOs'>,
  oddRequests: OddRequests = 'refused',
): OsSpec {
  const { osType: type } = op;
  const image = osImageOf(op.osParams);
  checkOsImage(image);
  if (type === undefined) {
    if (image === undefined)
      refuse.input('No operating system is given; give an osType or an image');
    return osSpecOf(op);
  }
  if (oddRequests === 'refused' && !FORM.test(type)) {
    refuse.input(`'${type}' is no OS definition; write it as debian or debian+variant`);
  }
  if (blacklistedOs.includes(type)) {
    refuse.state(`OS '${type}' may not be installed on this cluster; choose another`);
  }
  return osSpecOf(op);
}

/** The OS as a request has it, without judging it. */
export function osSpecOf(op: OsRequest): OsSpec {
  const { osType: type } = op;
  const image = osImageOf(op.osParams);
  return {
    ...(type === undefined ? {} : { type }),
    ...(image === undefined ? {} : { image }),
    params: wrappedOsParams(op),
    forceVariant: op.forceVariant ?? false,
    install: op.noInstall !== true,
  };
}

/** A request's OS parameters, with secrets that nothing prints. */
export function wrappedOsParams(
  op: Pick<CreateOp, 'osParams' | 'osParamsPrivate' | 'osParamsSecret'>,
): OsParams {
  return {
    public: { ...op.osParams },
    private: wrapped(op.osParamsPrivate),
    secret: wrapped(op.osParamsSecret),
  };
}

function wrapped(given: CreateOp['osParamsPrivate']): Record<string, Secret<string>> {
  const entries = Object.entries(given ?? {}).map(([name, value]) => [
    name,
    typeof value === 'string' ? new Secret(value) : value,
  ]);
  return Object.fromEntries(entries) as Record<string, Secret<string>>;
}
