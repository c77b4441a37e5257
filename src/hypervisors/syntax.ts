/**
 * How the parameters of a hypervisor are checked without looking at any machine. Owns the order of
 * the checks; each hypervisor brings a table of rules and, where values depend on one another, a
 * list of combinations.
 *
 * S1 every parameter of the hypervisor is there, and no other;
 * S2 every value has its parameter's type;
 * S3 an empty value (`''` or null; 0 and false are values) is refused if the parameter is
 *    required, else fine whatever the form;
 * S4 only then is the value's form judged, and after all forms the combinations.
 */
import { refuse } from '../errors.js';
import type { HypervisorName } from '../model/hypervisor.js';
import type { Params, ParamTable, ParamType, ParamValue } from '../model/params.js';
import type { Form } from './forms.js';

/** The rule of one parameter. */
export interface SyntaxRule {
  /** Whether an empty value is refused. */
  readonly required: boolean;
  /** The form of values that are not empty; absent: any. */
  readonly form?: Form;
}

/** Rules by the names of their parameters; one without a rule may be anything of its type. */
export type RuleTable = Readonly<Record<string, SyntaxRule>>;

/** A demand on several parameters at once: what is wrong, or nothing. */
export type Combination = (params: Params) => string | undefined;

/** Everything that is known of a hypervisor's parameters. */
export interface SyntaxRules {
  /** The hypervisor, for messages. */
  readonly hypervisor: HypervisorName;
  /** The parameters that exist. */
  readonly table: ParamTable;
  /** Rules of parameters. */
  readonly rules: RuleTable;
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

/** What the errors are about; a wrong type is a mistake of its own. */
const about = 'hypervisor-parameters';

/** Throws `PrereqError` `wrong_input` for the first thing that is wrong. */
export function checkSyntax(rules: SyntaxRules, params: Params): void {
  const { hypervisor, table } = rules;
  for (const name of Object.keys(params)) {
    if (!Object.hasOwn(table, name)) {
      refuse.input(`Hypervisor '${hypervisor}' has no parameter '${name}'; leave it out`, {
        about,
      });
    }
  }
  for (const [name, spec] of Object.entries(table)) {
    checkOne(hypervisor, name, params[name], spec.type, rules.rules[name]);
  }
  for (const combination of rules.combinations) {
    const wrong = combination(params);
    if (wrong !== undefined) {
      refuse.input(`Parameters of hypervisor '${hypervisor}': ${wrong}`, { about });
    }
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
  if (value === undefined) {
    refuse.input(`${of} is missing; fill in the cluster's value first`, { about });
  }
  if (!HAS_TYPE[type](value)) {
    refuse.input(`${of} is ${show(value)}, but must be of type ${type}`, {
      about: 'parameter-type',
    });
  }
  const empty = value === '' || value === null;
  if (empty && rule?.required !== true) return;
  const wanted = rule?.form?.(value);
  if (empty) refuse.input(`${of} is empty, but ${wanted ?? 'must have a value'}`, { about });
  if (wanted !== undefined) refuse.input(`${of} is ${show(value)}, but ${wanted}`, { about });
}

const HAS_TYPE: Readonly<Record<ParamType, (value: ParamValue) => boolean>> = {
  string: (value) => typeof value === 'string',
  'maybe-string': (value) => value === null || typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  int: Number.isInteger,
  size: Number.isInteger,
  float: Number.isFinite,
};

function show(value: ParamValue): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
