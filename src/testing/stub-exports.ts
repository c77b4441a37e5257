/**
 * Exports of stub nodes: what was received and is not whole yet, and what is whole, by description.
 */
import type { NodeId } from '../model/ids.js';
import type { Secret } from '../model/secret.js';
import { partialExportName } from '../ports/exports.js';
import type { TransferEnd } from '../ports/transfer.js';
import { StubRefusal } from './stub-answers.js';

/** The exports of all nodes, by node and absolute path. */
export class StubExports {
  readonly #whole: Map<string, string>;
  readonly #partial = new Set<string>();

  constructor(whole: ReadonlyMap<string, string> = new Map()) {
    this.#whole = new Map(whole);
  }

  /** Descriptions of whole exports. */
  get descriptions(): ReadonlyMap<string, string> {
    return this.#whole;
  }

  /** Places of exports that are not whole. */
  get partial(): readonly string[] {
    return [...this.#partial];
  }

  /** An export is there, or is another one now. */
  put(place: string, description: string): void {
    this.#whole.set(place, description);
  }

  /** Names on a node. */
  on(node: NodeId): readonly string[] {
    const places = [...this.#whole.keys(), ...this.#partial];
    return places.filter((place) => place.startsWith(`${node} `)).map(nameIn);
  }

  /** Contents begin to arrive in a file. */
  receive(node: NodeId, end: TransferEnd): void {
    if (end.kind !== 'file') return;
    this.#partial.add(`${node} ${end.path.slice(0, end.path.lastIndexOf('/'))}`);
  }

  /** What was received gets the instance's name. */
  finalize(
    node: NodeId,
    instanceName: string,
    description: Secret<string> | undefined,
  ): StubRefusal | undefined {
    const partial = this.#find(this.#partial, node, partialExportName(instanceName));
    if (partial === undefined) return new StubRefusal(`nothing of ${instanceName} was received`);
    if (description === undefined) return new StubRefusal('no description was given');
    this.#partial.delete(partial);
    const directory = partial.slice(0, partial.lastIndexOf('/'));
    this.#whole.set(`${directory}/${instanceName}`, description.reveal());
    return undefined;
  }

  /** Removes an export. */
  remove(node: NodeId, name: string): undefined {
    for (const places of [this.#whole, this.#partial]) {
      const place = this.#find(places, node, name);
      if (place !== undefined) places.delete(place);
    }
  }

  #find(
    places: ReadonlySet<string> | ReadonlyMap<string, string>,
    node: NodeId,
    name: string,
  ): string | undefined {
    return [...places.keys()].find(
      (place) => place.startsWith(`${node} `) && nameIn(place) === name,
    );
  }
}

function nameIn(place: string): string {
  return place.slice(place.lastIndexOf('/') + 1);
}
