/**
 * From an opcode `OP_INSTANCE_CREATE` to a request of ours.
 *
 * D1 Nothing is lost: what is given is in the request, or in the list of what has no place there.
 * D2 What equals Ganeti's default is left out; a request has the same defaults.
 */
import { isDeepStrictEqual } from 'node:util';
import { type CreateOp, createOpSchema } from '../../instance-create/op.js';
import { refuse } from '../../errors.js';
import { checked } from '../wire/check.js';
import { parseJson } from '../wire/json.js';
import { checkCreateOpcode } from './check.js';
import { anyValue, hiddenValue, plainValue, readBeDict, readDict } from './dicts.js';
import { readDisk, readNic } from './disks-and-nics.js';
import { CREATE_OP_ID, createParams, type OpcodeJob, type OpParam } from './params.js';
import { Unsupported, type UnsupportedField } from './unsupported.js';

/**
 * A request of ours, and what the opcode said beyond it.
 * @public
 */
export interface DecodedCreateOp {
  /** The request. */
  readonly op: CreateOp;
  /** How its job is to be run. */
  readonly job: OpcodeJob;
  /**
   * What the request has no field for, or a field that cannot hold the value; empty for most
   * opcodes. The request without it is another request: refuse it, unless you know better.
   */
  readonly unsupported: readonly UnsupportedField[];
}

/** The longest opcode: 16 disks, 8 cards and a few hundred parameters are far below. */
const MAX_LENGTH = 1024 * 1024;

/**
 * Reads an opcode that was parsed from JSON, with or without `OP_ID`. Throws `PrereqError`
 * `wrong_input` with path and rule where Ganeti's own type check refuses: a parameter that does not
 * exist, is missing or has the wrong type.
 * @public
 */
export function decodeCreateOp(data: unknown): DecodedCreateOp {
  const params = checkCreateOpcode(data);
  const unsupported = new Unsupported();
  const fields: [string, unknown][] = [];
  const job: [string, unknown][] = [];
  for (const param of createParams()) {
    const value = params[param.name];
    if (value === undefined || isDefault(param, value)) continue;
    if (param.job !== undefined) job.push([param.job, value]);
    if (param.field !== undefined) fields.push([param.field, readValue(param, value, unsupported)]);
  }
  const op = checked(createOpSchema, Object.fromEntries(fields), CREATE_OP_ID, refuse.input);
  return { op, job: Object.fromEntries(job), unsupported: unsupported.list() };
}

/**
 * Reads an opcode from JSON text of at most a mebibyte; errors as of {@link decodeCreateOp}.
 * @public
 */
export function parseCreateOp(text: string): DecodedCreateOp {
  return decodeCreateOp(parseJson(text, { what: 'The opcode', maxLength: MAX_LENGTH }));
}

function isDefault({ initial, required }: OpParam, value: unknown): boolean {
  return required !== true && isDeepStrictEqual(value, initial);
}

type Dict = Readonly<Record<string, unknown>>;

/** How the parameters are read that are more than one value; all others stay as they are. */
const READERS: Readonly<Record<string, (value: never, unsupported: Unsupported) => unknown>> = {
  disks: (disks: readonly Dict[], rest) => disks.map((disk, at) => readDisk(disk, at, rest)),
  nics: (nics: readonly Dict[], rest) => nics.map((nic, at) => readNic(nic, at, rest)),
  beparams: (dict: Dict, rest) => readBeDict(dict, rest),
  hvparams: (dict: Dict, rest) => readDict('hvparams', dict, plainValue, rest),
  osparams: (dict: Dict, rest) => readDict('osparams', dict, anyValue, rest),
  osparams_private: (dict: Dict, rest) => readDict('osparams_private', dict, hiddenValue, rest),
  osparams_secret: (dict: Dict, rest) => readDict('osparams_secret', dict, hiddenValue, rest),
};

function readValue({ name }: OpParam, value: unknown, unsupported: Unsupported): unknown {
  const read = READERS[name];
  return read === undefined ? value : read(value as never, unsupported);
}
