/** The objects whose histories are checked. */
import type { Model } from './linearizable.js';

/** What is done with a register: a key with a value, `undefined` while it is absent. */
export type RegisterOp =
  | { readonly kind: 'read'; readonly value: string | undefined }
  | { readonly kind: 'write'; readonly value: string }
  | {
      readonly kind: 'cas';
      readonly from: string | undefined;
      readonly to: string;
      /** Whether it was carried out; `undefined` if that is unknown. */
      readonly done: boolean | undefined;
    };

/** A register. */
export const REGISTER: Model<{ readonly value: string | undefined }, RegisterOp> = {
  initial: { value: undefined },
  apply: (state, op) => {
    if (op.kind === 'read') return state.value === op.value ? state : undefined;
    if (op.kind === 'write') return { value: op.value };
    const holds = state.value === op.from;
    if (op.done !== undefined && op.done !== holds) return undefined;
    return holds ? { value: op.to } : state;
  },
  nameOf: ({ value }) => value ?? '',
};

/** What is done with a set that grows: an element is a key, and all are read at once. */
export type SetOp =
  | { readonly kind: 'add'; readonly element: string }
  | { readonly kind: 'list'; readonly elements: readonly string[] };

/** A set; its state is its elements, sorted. */
export const GROWING_SET: Model<readonly string[], SetOp> = {
  initial: [],
  apply: (state, op) => {
    if (op.kind === 'add') return [...new Set([...state, op.element])].sort();
    return op.elements.join() === state.join() ? state : undefined;
  },
  nameOf: (state) => state.join(),
};
