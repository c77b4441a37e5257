/**
 * Random commits on a configuration, compared with a naive model: plain objects in plain maps, every
 * question answered by looking at all of them, every rule checked on the whole.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { InstanceId, NicId, NodeId } from '../../src/model/ids.js';
import type { Instance } from '../../src/model/instance.js';
import type { Nic } from '../../src/model/nic.js';
import type { ConfigDraft, ConfigReader } from '../../src/ports/config-store.js';
import { instance, nic, NODE_1, NODE_2 } from '../../src/testing/contracts/config-world.js';

const IDS = ['i1', 'i2', 'i3', 'i4'];
const NAMES = ['web.a', 'web.b', 'db.a', 'db.b', 'x', 'web'];
const MACS = [1, 2, 3, 4, 5, 6].map((n) => `aa:00:00:00:00:0${n}`);
const PORTS = [11000, 11002, 11003];
const NODES = [NODE_1, NODE_2, 'no-such-node' as NodeId];

/** What an action gives an instance. */
export interface Traits {
  readonly name: string;
  readonly macs: readonly string[];
  readonly node: NodeId;
  readonly port: number | undefined;
}

/** One change inside a commit; `set` adds what is not there and updates what is. */
export type Action =
  | { readonly do: 'add' | 'update' | 'set'; readonly id: string; readonly traits: Traits }
  | { readonly do: 'remove'; readonly id: string };

const id = fc.constantFrom(...IDS);
const traits: fc.Arbitrary<Traits> = fc.record({
  name: fc.constantFrom(...NAMES),
  macs: fc.uniqueArray(fc.constantFrom(...MACS), { maxLength: 2 }),
  node: often(fc.constantFrom(NODE_1, NODE_2), fc.constantFrom(...NODES)),
  port: fc.constantFrom(undefined, undefined, undefined, ...PORTS),
});
const change = (kind: 'add' | 'update' | 'set') => fc.record({ do: fc.constant(kind), id, traits });
const removal = fc.record({ do: fc.constant('remove' as const), id });
const action: fc.Arbitrary<Action> = often(
  fc.oneof(change('set'), change('set'), change('set'), removal),
  fc.oneof(change('add'), change('update')),
);

/** Mostly the usual, now and then the other. */
function often<T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: other });
}

/** A step of a run: a commit, by an owner or by nobody, on a store that works or fails. */
export interface ConfigStep {
  readonly actions: readonly Action[];
  readonly owner: 'job-1' | 'job-2' | undefined;
  readonly storeFails: boolean;
  readonly snapshot: boolean;
  /** An address that `job-1` claims before the commit, if it can. */
  readonly claim: string | undefined;
}

/** Any step. */
export const configStep: fc.Arbitrary<ConfigStep> = fc.record({
  actions: fc.array(action, { minLength: 1, maxLength: 2 }),
  owner: fc.constantFrom('job-1', 'job-2', undefined),
  storeFails: often(fc.constant(false), fc.constant(true)),
  snapshot: fc.boolean(),
  claim: often(fc.constant(undefined), fc.constantFrom(...MACS)),
});

/** An instance with traits. */
export function withTraits(base: Instance, { name, macs, node, port }: Traits): Instance {
  const { networkPort: _, ...rest } = base;
  const nics = cards(base.id, macs);
  const portOf = port === undefined ? {} : { networkPort: port };
  return { ...rest, name, nics, primaryNode: node, ...portOf };
}

function cards(id: string, macs: readonly string[]): Nic[] {
  return macs.map((mac, index) => nic(mac, { id: `${id}-nic${index}` as NicId }));
}

/** A new instance. */
export function newInstance(id: string, traits: Traits): Instance {
  return withTraits(instance('x', { id: id as InstanceId }), traits);
}

/** Makes every `set` an addition or an update. */
export function settle(state: State, actions: readonly Action[]): readonly Action[] {
  const there = new Set(state.keys());
  return actions.map((one) => {
    const isThere = there.has(one.id);
    if (one.do === 'remove') there.delete(one.id);
    else there.add(one.id);
    return one.do === 'set' ? { ...one, do: isThere ? 'update' : 'add' } : one;
  });
}

/** Does the actions of a step on a draft. */
export function play(draft: ConfigDraft, actions: readonly Action[]): void {
  for (const one of actions) {
    if (one.do === 'add') draft.add('instance', newInstance(one.id, one.traits));
    else if (one.do === 'remove') draft.remove('instance', one.id);
    else {
      const { name, macs, node, port } = one.traits;
      draft.update('instance', one.id, (base) => {
        base.name = name;
        base.nics = cards(base.id, macs);
        base.primaryNode = node;
        if (port === undefined) delete base.networkPort;
        else base.networkPort = port;
      });
    }
  }
}

type State = ReadonlyMap<string, Instance>;

/** The model: instances by id, and what `job-1` has claimed. */
export class ModelConfig {
  state: State = new Map();
  readonly claims = new Set<string>();

  /** What the commit should end with: the code of an error, or nothing. */
  commit({ actions, owner, storeFails }: ConfigStep): string | undefined {
    const next = new Map(this.state);
    for (const one of actions) {
      const base = next.get(one.id);
      if (one.do === 'add' && base !== undefined) return 'not_unique';
      if (one.do !== 'add' && base === undefined) return 'unknown';
      if (one.do === 'remove') next.delete(one.id);
      else next.set(one.id, withTraits(base ?? newInstance(one.id, one.traits), one.traits));
    }
    const wrong = this.#brokenRule(next, owner);
    if (wrong !== undefined) return wrong;
    // What is added and removed in one commit never was; all else has to be written.
    const writes = actions.some(({ id }) => this.state.has(id) || next.has(id));
    if (storeFails && writes) return 'io';
    this.state = next;
    return undefined;
  }

  holderOfMac(mac: string): string | undefined {
    for (const { id, nics } of this.state.values()) {
      if (nics.some((one) => one.mac === mac)) return id;
    }
    return this.claims.has(mac) ? 'job-1' : undefined;
  }

  #brokenRule(next: State, owner: string | undefined): string | undefined {
    const all = [...next.values()];
    const values = all.flatMap((one) => [
      `name ${one.name}`,
      ...one.nics.map(({ mac }) => `mac ${mac}`),
      ...(one.networkPort === undefined ? [] : [`port ${one.networkPort}`]),
    ]);
    if (new Set(values).size < values.length) return 'not_unique';
    const isNew = (mac: string): boolean =>
      ![...this.state.values()].some(
        ({ id, nics }) =>
          nics.some((one) => one.mac === mac) && next.get(id)?.nics.some((one) => one.mac === mac),
      );
    for (const mac of all.flatMap(({ nics }) => nics.map((one) => one.mac))) {
      if (this.claims.has(mac) && owner !== 'job-1' && isNew(mac)) return 'not_unique';
    }
    return all.some(({ primaryNode }) => primaryNode === NODES[2]) ? 'unknown' : undefined;
  }
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}

/** Compares all answers of a reader with the state of the model. */
export function sameAnswers(reader: ConfigReader, state: State): void {
  const all = [...state.values()].sort(byId);
  const holding = (port: number) => all.find(({ networkPort }) => networkPort === port)?.id;
  const answers = {
    all: [...reader.all('instance')].sort(byId).map(bare),
    count: reader.count('instance'),
    found: IDS.map((one) => bare(reader.find('instance', one))),
    named: QUESTIONS.map((name) => reader.findInstance(name)?.id),
    on: NODES.map((node) =>
      reader
        .instancesOn(node)
        .map((one) => one.id)
        .sort(),
    ),
    ports: PORTS.map((port) => reader.holderOf('port', String(port))),
  };
  expect(answers).toEqual({
    all: all.map(bare),
    count: state.size,
    found: IDS.map((one) => bare(state.get(one))),
    named: QUESTIONS.map((name) => named(all, name)),
    on: NODES.map((node) => all.filter((one) => one.primaryNode === node).map((one) => one.id)),
    ports: PORTS.map(holding),
  });
}

const QUESTIONS = [...NAMES, 'db', 'a', 'web.', 'WEB.a'];

function named(all: readonly Instance[], name: string): string | undefined {
  const lower = name.toLowerCase();
  const exact = all.find((one) => one.name === lower);
  const short = all.filter((one) => one.name.startsWith(`${lower}.`));
  return (exact ?? (short.length === 1 ? short[0] : undefined))?.id;
}

/** Without what the store sets. */
function bare(one: Instance | undefined): unknown {
  return one && { ...one, serial: 0, createdAtMs: 0, modifiedAtMs: 0 };
}

/** All addresses that steps use. */
export const ALL_MACS: readonly string[] = MACS;
