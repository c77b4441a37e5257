/**
 * Ganeti's own check of an opcode, before anything is made of it.
 *
 * C1 A parameter that the opcode does not have is refused, and so is one of the wrong type.
 * C2 Parameters are checked in Ganeti's order; the first problem is the one that is told.
 */
import { refuse } from '../../errors.js';
import { firstProblem } from '../wire/check.js';
import { refuseTraps } from '../wire/json.js';
import { CREATE_OP_ID, createParams, type OpParam } from './params.js';

/** Parameters by their names on the wire. */
export type WireParams = Readonly<Record<string, unknown>>;

/** The parameters that were given; the opcode's name is checked and left out. */
export function checkCreateOpcode(data: unknown): WireParams {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    return refuse.input(`${CREATE_OP_ID}: an object is wanted`);
  }
  refuseTraps(data, CREATE_OP_ID);
  const { OP_ID: id, ...params } = data as WireParams;
  if (id !== undefined && id !== CREATE_OP_ID) {
    refuse.input(`OP_ID: ${CREATE_OP_ID} is wanted, no other opcode`);
  }
  refuseUnknown(params);
  for (const param of createParams()) checkParam(param, params);
  return params;
}

function refuseUnknown(params: WireParams): void {
  const known = new Set(createParams().map(({ name }) => name));
  const unknown = Object.keys(params).filter((name) => !known.has(name));
  if (unknown.length > 0) {
    refuse.input(`${CREATE_OP_ID} has no parameter ${unknown.join(', ')}`);
  }
}

function checkParam({ name, type, required }: OpParam, params: WireParams): void {
  if (params[name] === undefined) {
    if (required === true) refuse.input(`${CREATE_OP_ID}: ${name}: is missing`);
    return;
  }
  const { error } = type.safeParse(params[name]);
  if (error !== undefined) refuse.input(`${CREATE_OP_ID}: ${firstProblem(error, [name])}`);
}
