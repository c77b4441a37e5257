/**
 * Nodes that are asked once: whoever decides again on the same facts need not wait for them again.
 */
import type { NodeQueries } from '../../ports/node-rpc.js';

type Query = (...values: readonly unknown[]) => unknown;

/** Answers repeated questions as they were answered first. */
export function remembering(rpc: NodeQueries): NodeQueries {
  const answers = new Map<string, unknown>();
  return new Proxy(rpc, {
    get: (target, name) => {
      const query: unknown = Reflect.get(target, name);
      if (typeof query !== 'function') return query;
      const ask = query as Query;
      return (...values: readonly unknown[]): unknown => {
        const key = `${String(name)} ${JSON.stringify(values.slice(0, 2))}`;
        if (!answers.has(key)) answers.set(key, ask.apply(target, [...values]));
        return answers.get(key);
      };
    },
  });
}
