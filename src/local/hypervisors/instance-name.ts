/**
 * Names of instances become names of files and arguments of programs, so drivers accept host names
 * and nothing else, whatever the deciding side let through.
 */

const HOST_NAME = /^[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]*[a-z0-9])?)*$/i;
const LONGEST_NAME = 253;

/** True for a name that is safe as a file name and as a program's argument. */
export function isInstanceName(name: string): boolean {
  return name.length <= LONGEST_NAME && HOST_NAME.test(name);
}

/** What is wrong with a name, for a failed answer. */
export function badInstanceName(name: string): string {
  return `${JSON.stringify(name)} cannot be an instance's name; use a host name`;
}
