/**
 * Nodes are given the configuration of a cluster that is opened with them.
 */
import type { ConfigReader } from '../../../src/ports/config-store.js';

/** A configuration that is not there yet when others are given it. */
export function lateBound(target: () => ConfigReader | undefined): ConfigReader {
  return new Proxy({} as ConfigReader, {
    get: (_, key) => {
      const reader = target();
      const value: unknown = reader === undefined ? undefined : Reflect.get(reader, key, reader);
      return typeof value === 'function' ? (value.bind(reader) as unknown) : value;
    },
  });
}
