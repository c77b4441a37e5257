/**
 * How the parameters of a hypervisor are checked without looking at any machine. Owns the kinds of
 * rules and their order; each hypervisor brings a table of rules and, where values depend on one
 * another, a list of combinations.
 *
 * S1 every parameter of the hypervisor is there, and no other;
 * S2 every value has its parameter's type;
 * S3 an empty value (`''`, 0, false, null) is refused if the parameter is required, else fine;
 * S4 only then is the value's form judged, and after all forms the combinations.
 */
import { refuse } from '../errors.js';
import type { HypervisorName } from '../model/hypervisor.js';
import type { Params, ParamTable, ParamType, ParamValue } from '../model/params.js';

/** What a value has to look like: a sentence that begins with "must", or nothing if it is fine. */
export type Form = (value: ParamValue) => string | undefined;

/** The rule of one parameter. */
export interface SyntaxRule {
  /** Whether an empty value is refused. */
  readonly required: boolean;
  /** The form of values that are not empty; absent: any. */
  readonly form?: Form;
}

/** A demand on several parameters at once: what is wrong, or nothing. */
export type Combination = (params: Params) => string | undefined;

/** Everything that is known of a hypervisor's parameters. */
export interface SyntaxRules {
  /** The hypervisor, for messages. */
  readonly hypervisor: HypervisorName;
  /** The parameters that exist. */
  readonly table: ParamTable;
  /** Rules of parameters; one without a rule may be anything of its type. */
  readonly rules: Readonly<Record<string, SyntaxRule>>;
  /** Demands on several parameters. */
  readonly combinations: readonly Combination[];
}

/** A parameter that must be given. */
export function required(form?: Form): SyntaxRule {
  return form === undefined ? { required: true } : { required: true, form };
}

/** A parameter that may be empty. */
export function optional(form: Form): SyntaxRule {
  return { required: false, form };
}

/** One of a list of words. */
export function oneOf(...words: readonly string[]): Form {
  return (value) =>
    typeof value === 'string' && words.includes(value)
      ? undefined
      : `must be one of ${words.join(', ')}`;
}

/** A number between two bounds, both allowed. */
export function between(least: number, most: number): Form {
  return (value) =>
    typeof value === 'number' && value >= least && value <= most
      ? undefined
      : `must be between ${least} and ${most}`;
}

/** A number from 0 on. */
export const notNegative: Form = (value) =>
  typeof value === 'number' && value >= 0 ? undefined : 'must not be negative';

/** A path from the root without detours. */
export const absolutePath: Form = (value) =>
  isPlainAbsolutePath(value)
    ? undefined
    : "must be an absolute path without '.', '..', doubled or trailing slashes";

/** A path as above, or the address of a file on a server. */
export const absolutePathOrUrl: Form = (value) =>
  isPlainAbsolutePath(value) || /^(https?|ftps?|tftp):\/\/./.test(String(value))
    ? undefined
    : 'must be an absolute path without detours, or a URL (http, https, ftp, ftps, tftp)';

/** Throws `PrereqError` `wrong_input` for the first thing that is wrong. */
export function checkSyntax(rules: SyntaxRules, params: Params): void {
  const { hypervisor, table } = rules;
  for (const name of Object.keys(params)) {
    if (!Object.hasOwn(table, name)) {
      refuse.input(`Hypervisor '${hypervisor}' has no parameter '${name}'; leave it out`);
    }
  }
  for (const [name, spec] of Object.entries(table)) {
    checkOne(hypervisor, name, params[name], spec.type, rules.rules[name]);
  }
  for (const combination of rules.combinations) {
    const wrong = combination(params);
    if (wrong !== undefined) refuse.input(`Parameters of hypervisor '${hypervisor}': ${wrong}`);
  }
}

function checkOne(
  hypervisor: string,
  name: string,
  value: ParamValue | undefined,
  type: ParamType,
  rule: SyntaxRule | undefined,
): void {
  const of = `Parameter '${name}' of hypervisor '${hypervisor}'`;
  if (value === undefined) refuse.input(`${of} is missing; fill in the cluster's value first`);
  if (!HAS_TYPE[type](value)) refuse.input(`${of} is ${show(value)}, but must be of type ${type}`);
  if (!value) {
    if (rule?.required === true) refuse.input(`${of} is empty, but needs a value`);
    return;
  }
  const wanted = rule?.form?.(value);
  if (wanted !== undefined) refuse.input(`${of} is ${show(value)}, but ${wanted}`);
}

const HAS_TYPE: Readonly<Record<ParamType, (value: ParamValue) => boolean>> = {
  string: (value) => typeof value === 'string',
  'maybe-string': (value) => value === null || typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  int: Number.isInteger,
  size: Number.isInteger,
  float: Number.isFinite,
};

function isPlainAbsolutePath(value: ParamValue): boolean {
  if (typeof value !== 'string' || !value.startsWith('/') || value.includes('\0')) return false;
  const segments = value.slice(1).split('/');
  return value === '/' || !segments.some((s) => s === '' || s === '.' || s === '..');
}

function show(value: ParamValue): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
