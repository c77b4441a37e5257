/**
 * Makes data immutable for good: readers share objects with the configuration, so nobody may change
 * what they got.
 */

/** Freezes a value and all that it holds; what is frozen already is taken to be so all through. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  // Faster than a list of the values, and commits freeze a lot; plain data inherit nothing.
  for (const name in value) deepFreeze(value[name]);
  return value;
}
