/** Registers that are read, written and compared-and-set by all. */
import type { KvOp, KvStore } from '../../../src/ports/kv-store.js';
import { REGISTER } from '../check/models.js';
import { Histories } from './history.js';
import type { BeginWorkload } from './workload.js';

const KEYS = 3;

/** Begins with absent registers. */
export const registers: BeginWorkload = (prefix) => {
  const histories = new Histories(REGISTER);
  const keys = Array.from({ length: KEYS }, (_none, n) => `${prefix}register/${n}`);
  let values = 0;

  const read = (store: KvStore, key: string) =>
    histories.run(
      key,
      async () => ({ entry: await store.get(key) }),
      (result) => result && { kind: 'read', value: result.entry?.value },
    );
  const write = (store: KvStore, key: string, value: string) =>
    histories.run(
      key,
      () => store.txn([], [put(key, value)]),
      () => ({ kind: 'write', value }),
    );
  const compareAndSet = async (store: KvStore, key: string, to: string): Promise<void> => {
    const found = await read(store, key);
    if (found === undefined) return;
    const { value: from, revision = 0 } = found.entry ?? {};
    await histories.run(
      key,
      () => store.txn([{ key, revision }], [put(key, to)]),
      // Values are unique, so a revision and a value mean the same.
      (result) => ({ kind: 'cas', from, to, done: result?.committed }),
    );
  };

  return {
    step: async (store, process, dice) => {
      const key = keys[dice.integer(KEYS)] ?? '';
      const value = `${process}-${values++}`;
      const choice = dice.integer(10);
      if (choice < 4) await read(store, key);
      else if (choice < 6) await write(store, key, value);
      else await compareAndSet(store, key, value);
    },
    finish: async (store) => {
      for (const key of keys) await read(store, key);
    },
    judge: () => histories.judge(),
  };
};

const put = (key: string, value: string): KvOp => ({ op: 'put', key, value });
