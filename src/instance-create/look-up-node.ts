/**
 * Finds the nodes that requests name.
 */
import { refuse } from '../errors.js';
import type { Node } from '../model/node.js';
import type { ConfigReader } from '../ports/config-store.js';
import type { NodeRef } from './wishes.js';

/** The node that two fields of a request name; `undefined` if they name none. */
export function nodeRef(name: string | undefined, id: string | undefined): NodeRef | undefined {
  if (name === undefined) return id === undefined ? undefined : { id };
  return id === undefined ? { name } : { name, id };
}

/** A node by name, UUID or both; both have to mean the same one. */
export function lookUpNode({ name, id }: NodeRef, config: ConfigReader): Node {
  const given = name ?? id;
  const byName = config.findNode(given);
  if (byName === undefined) {
    return refuse.unknown(`Node '${given}' is unknown; give a node of the cluster`);
  }
  if (id !== undefined && byName.id !== id) {
    refuse.notUnique(`Node '${byName.name}' has the UUID ${byName.id}, not ${id}; correct one`);
  }
  return byName;
}
