/**
 * Understands which operating system is wanted. Its parameters' secrets are wrapped here at once.
 */
import { refuse } from '../../errors.js';
import type { Cluster } from '../../model/cluster.js';
import { Secret } from '../../model/secret.js';
import type { CreateOp } from '../op.js';
import type { OsSpec } from '../types.js';

const FORM = /^[\w.-]+(\+[\w.+-]*)?$/;

/** The OS that the request names; a request without one is refused. */
export function readOs(op: CreateOp, cluster: Cluster): OsSpec {
  const type = op.osType;
  if (type === undefined) return refuse.input('No operating system is given; give an osType');
  if (!FORM.test(type)) {
    refuse.input(`'${type}' is no OS definition; write it as debian or debian+variant`);
  }
  if (cluster.blacklistedOs.includes(type)) {
    refuse.state(`OS '${type}' may not be installed on this cluster; choose another`);
  }
  return {
    type,
    params: {
      public: { ...op.osParams },
      private: wrapped(op.osParamsPrivate),
      secret: wrapped(op.osParamsSecret),
    },
    forceVariant: op.forceVariant ?? false,
    install: op.noInstall !== true,
  };
}

function wrapped(given: CreateOp['osParamsPrivate']): Record<string, Secret<string>> {
  const entries = Object.entries(given ?? {}).map(([name, value]) => [
    name,
    typeof value === 'string' ? new Secret(value) : value,
  ]);
  return Object.fromEntries(entries) as Record<string, Secret<string>>;
}
