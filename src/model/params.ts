/**
 * Parameters that clusters, groups and instances hand down to one another: their types, and how a
 * value given as text becomes a value of its type.
 */

/**
 * A value of a hypervisor, backend, disk or OS parameter.
 * @public
 */
export type ParamValue = string | number | boolean | null;

/**
 * A value of a public OS parameter: text, but for what clients of Ganeti may have put there.
 * @public
 */
export type OsParamValue =
  | string
  | number
  | boolean
  | null
  | readonly OsParamValue[]
  | { readonly [key: string]: OsParamValue };

/**
 * Parameters by name. Hypervisor and disk parameters carry Ganeti's names (`boot_order`), since
 * OS scripts and hooks see them under these.
 * @public
 */
export type Params = Readonly<Record<string, ParamValue>>;

/**
 * Types of parameters (Ganeti's `VTYPE_*`). A size is a number of MiB which may be written with a
 * unit (`10g`).
 * @public
 */
export type ParamType = 'string' | 'maybe-string' | 'bool' | 'int' | 'size' | 'float';

/**
 * The parameters that exist, with type and default.
 * @public
 */
export type ParamTable = Readonly<Record<string, ParamSpec>>;

/**
 * One parameter that exists.
 * @public
 */
export interface ParamSpec {
  /** The type that values are brought to. */
  readonly type: ParamType;
  /** What the cluster starts with. */
  readonly default: ParamValue;
  /** True if it is the cluster's alone, so that no instance may set it. */
  readonly global?: boolean;
}

/**
 * Later layers win over earlier ones; a value that is `undefined` does not count.
 * @public
 */
export function fill<T extends object>(...layers: readonly (Partial<T> | undefined)[]): Partial<T> {
  const filled: Record<string, unknown> = {};
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer ?? {})) {
      if (value !== undefined) filled[key] = value;
    }
  }
  return filled as Partial<T>;
}

/**
 * Brings a value to its type, as Ganeti's type enforcement does (`utils.ForceDictType`). Text is a
 * boolean only in the forms `true`, `false` and empty; a boolean is 1 or 0 as a number; a number
 * loses its fraction where a whole one is wanted (as text it is refused); sizes may carry a unit,
 * and are rounded up to a multiple of 4 MiB. Returns `undefined` if the value does not fit.
 * @public
 */
export function coerceParam(type: ParamType, value: unknown): ParamValue | undefined {
  return COERCE[type](value);
}

const COERCE: Record<ParamType, (value: unknown) => ParamValue | undefined> = {
  string: (v) => (typeof v === 'string' ? v : v === false ? '' : undefined),
  'maybe-string': (v) => (v === null ? null : COERCE.string(v)),
  bool: toBool,
  int: (v) => whole(toNumber(v, /^[+-]?\d+$/)),
  float: (v) => toNumber(v, /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i),
  // Written out, a number is a size like any other.
  size: (v) => toSizeMib(typeof v === 'number' ? String(v) : v),
};

function toBool(value: unknown): boolean | undefined {
  if (typeof value === 'string') {
    const text = value.toLowerCase();
    return text === 'true' ? true : text === 'false' || text === '' ? false : undefined;
  }
  if (value === null) return false;
  return typeof value === 'boolean' ? value : typeof value === 'number' ? value !== 0 : undefined;
}

/** `form` is what text has to look like; a number is one already, a truth value 1 or 0. */
function toNumber(value: unknown, form: RegExp): number | undefined {
  if (typeof value === 'boolean') return Number(value);
  const isText = typeof value === 'string' && form.test(value.trim());
  const number = typeof value === 'number' || isText ? Number(value) : Number.NaN;
  // So many digits that no number is as large are none.
  return Number.isFinite(number) ? number : undefined;
}

/** Cut off towards 0, and never the negative zero, which no JSON can tell. */
function whole(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.trunc(value) + 0;
}

/** A map: a unit that is called like something which every object has is none. */
const UNIT_IN_MIB: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['m', 1],
  ['mb', 1],
  ['mib', 1],
  ['g', 1024],
  ['gb', 1024],
  ['gib', 1024],
  ['t', 1024 * 1024],
  ['tb', 1024 * 1024],
  ['tib', 1024 * 1024],
]);

/**
 * A size in MiB from a number of MiB or from text such as `512`, `10g` or `1.5T`; rounded up to a
 * multiple of 4 MiB when written with a unit, as Ganeti does (`utils.ParseUnit`). Returns
 * `undefined` if it is no size.
 * @public
 */
export function toSizeMib(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const parts = /^\s*([\d.]+)\s*([a-z]*)\s*$/i.exec(value);
  const unit = UNIT_IN_MIB.get((parts?.[2] ?? '').toLowerCase());
  if (parts === null || unit === undefined) return undefined;
  const sizeMib = Math.ceil((Number(parts[1]) * unit) / 4) * 4;
  return Number.isFinite(sizeMib) ? sizeMib : undefined;
}
