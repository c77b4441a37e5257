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

/** What is done with a lock and with a register which only its holder may write. */
export type GuardedOp =
  | { readonly kind: 'take' | 'give'; readonly owner: string }
  /** The work of an owner passes on to another process, under the same locks. */
  | { readonly kind: 'inherit'; readonly owner: string; readonly heir: string }
  | { readonly kind: 'read'; readonly owner: string; readonly value: string | undefined }
  /** `done`: whether it was let through; `undefined` if nobody knows. */
  | {
      readonly kind: 'write';
      readonly owner: string;
      readonly value: string;
      readonly done: boolean | undefined;
    };

/** A lock with its register; who has it may do everything, and nobody else anything. */
export const GUARDED: Model<
  { readonly holder: string | undefined; readonly value: string | undefined },
  GuardedOp
> = {
  initial: { holder: undefined, value: undefined },
  apply: (state, op) => {
    const isHolder = state.holder === op.owner;
    switch (op.kind) {
      case 'take':
        return state.holder === undefined ? { ...state, holder: op.owner } : undefined;
      case 'give':
        return isHolder ? { ...state, holder: undefined } : undefined;
      case 'inherit':
        return isHolder ? { ...state, holder: op.heir } : undefined;
      case 'read':
        return isHolder && state.value === op.value ? state : undefined;
      case 'write':
        if (op.done !== undefined && op.done !== isHolder) return undefined;
        return isHolder ? { ...state, value: op.value } : state;
    }
  },
  nameOf: ({ holder = '', value = '' }) => `${holder} ${value}`,
};
