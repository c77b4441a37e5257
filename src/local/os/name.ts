/**
 * Names of operating systems: `name` or `name+variant`, and which variants are accepted.
 */
import type { OsDefinition } from './definition.js';

/**
 * A name in its parts.
 */
export interface OsName {
  /** The definition's name. */
  readonly name: string;
  /** The variant; empty if none is given. */
  readonly variant: string;
}

/** Takes a name apart at its first plus sign. */
export function parseOsName(os: string): OsName {
  const plus = os.indexOf('+');
  return plus < 0
    ? { name: os, variant: '' }
    : { name: os.slice(0, plus), variant: os.slice(plus + 1) };
}

/** True for names that a definition can be found by (Ganeti's mask for external programs). */
export function isOsName(name: string): boolean {
  return /^[a-zA-Z0-9_-]+$/.test(name);
}

/** What is wrong with the variant of a request, in words; `undefined` if it is fine. */
export function variantFlaw(os: OsDefinition, variant: string, force: boolean): string | undefined {
  const { name, variants } = os;
  if (variants.length === 0) {
    if (variant === '') return undefined;
    return `OS '${name}' has no variants; ask for it without '+${variant}'`;
  }
  const choice = `choose one of ${variants.join(', ')}`;
  if (variant === '') return `OS '${name}' has variants; ${choice} ('${name}+…')`;
  if (force || variants.includes(variant)) return undefined;
  return `OS '${name}' has no variant '${variant}'; ${choice}`;
}

/**
 * The variant that a script is told. A script which runs for a name without a variant gets the
 * first one, as on a Ganeti node.
 */
export function effectiveVariant(os: OsDefinition, variant: string): string {
  if (os.apiVersion < 15 || os.variants.length === 0) return '';
  return variant === '' ? (os.variants[0] ?? '') : variant;
}
