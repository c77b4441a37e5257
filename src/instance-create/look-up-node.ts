/**
 * Finds the nodes that requests name.
 */
import { refuse } from '../errors.js';
import type { Node } from '../model/node.js';
import type { ConfigReader } from '../ports/config-store.js';
import type { NodeRef } from './wishes.js';

/** A node by name, UUID or both; both have to mean the same one. */
export function lookUpNode({ name, id }: NodeRef, config: ConfigReader): Node {
  const byName = config.findNode(name ?? id ?? '');
  if (byName === undefined) {
    return refuse.unknown(`Node '${name ?? id ?? ''}' is unknown; give a node of the cluster`);
  }
  if (id !== undefined && byName.id !== id) {
    refuse.notUnique(`Node '${byName.name}' has the UUID ${byName.id}, not ${id}; correct one`);
  }
  return byName;
}
