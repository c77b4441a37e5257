/**
 * Makes data immutable for good: readers share objects with the configuration, so nobody may change
 * what they got.
 */

/** Freezes a value and all that it holds; what is frozen already is taken to be so all through. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
