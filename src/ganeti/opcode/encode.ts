/**
 * From a request of ours to an opcode `OP_INSTANCE_CREATE`.
 */
import type { CreateOp, DiskRequest } from '../../instance-create/op.js';
import type { JsonObject } from '../wire/json.js';
import { checkCreateOpcode } from './check.js';
import { writeBeDict, writeHidden } from './dicts.js';
import { CREATE_OP_ID, createParams, type OpcodeJob } from './params.js';
import { putBack, type UnsupportedField } from './unsupported.js';

/**
 * Writes a request as an opcode, ready for JSON: only what is given, Ganeti fills in its defaults.
 * Hidden OS parameters are in it in clear text, which is how Ganeti's interfaces take them.
 * `unsupported` is put back to where it was read; `job` says how the job is to be run. Throws
 * `PrereqError` `wrong_input` if Ganeti's type check would refuse the opcode.
 * @public
 */
export function encodeCreateOp(
  op: CreateOp,
  unsupported: readonly UnsupportedField[] = [],
  job: OpcodeJob = {},
): JsonObject {
  const params: Record<string, unknown> = { OP_ID: CREATE_OP_ID };
  for (const { name, field, job: of } of createParams()) {
    const value = field === undefined ? of && job[of] : op[field];
    if (value !== undefined) params[name] = WRITERS[name]?.(op) ?? value;
  }
  for (const field of unsupported) putBack(params, field);
  checkCreateOpcode(params);
  return params as JsonObject;
}

/** How the parameters are written that are not the same on both sides. */
const WRITERS: Readonly<Record<string, (op: CreateOp) => unknown>> = {
  disks: ({ disks }) => disks.map(writeDisk),
  nics: ({ nics }) => nics.map((nic) => ({ ...nic })),
  beparams: ({ beParams }) => writeBeDict(beParams ?? {}),
  hvparams: ({ hvParams }) => ({ ...hvParams }),
  osparams: ({ osParams }) => ({ ...osParams }),
  osparams_private: ({ osParamsPrivate }) => writeHidden(osParamsPrivate ?? {}),
  osparams_secret: ({ osParamsSecret }) => writeHidden(osParamsSecret ?? {}),
};

/** The provider's own parameters stand beside the others. */
function writeDisk({ providerParams, ...disk }: DiskRequest): object {
  return { ...providerParams, ...disk };
}
