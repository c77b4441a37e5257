/**
 * What an object means for the rest of the configuration: which values it takes for itself, what it
 * refers to, and under which keys others look for it. The indexes are made of nothing else.
 */
import type { EntityKind, EntityTypes } from '../model/cluster.js';
import { type Disk, type DiskLocation, placeOf } from '../model/disk.js';
import type { Instance } from '../model/instance.js';
import type { UniqueKind } from '../ports/config-store.js';
import { canonicalAddress } from './addresses.js';

/** All kinds of objects. */
export const ENTITY_KINDS: readonly EntityKind[] = [
  'cluster',
  'node',
  'group',
  'network',
  'instance',
  'disk',
];

/** Kinds of values of which no two may be equal: the public ones, and names of other objects. */
export type IndexKind = UniqueKind | 'nodeName' | 'groupName' | 'networkName';

/** All of them, with the word that messages use. */
export const INDEX_WORDS: Readonly<Record<IndexKind, string>> = {
  mac: 'hardware address',
  ip: 'address',
  volume: 'volume',
  name: 'instance name',
  port: 'port',
  minor: 'DRBD minor',
  id: 'id',
  nodeName: 'node name',
  groupName: 'group name',
  networkName: 'network name',
};

/** A value which an object takes for itself, in its one spelling. */
export interface Claim {
  readonly index: IndexKind;
  readonly value: string;
}

/** Questions whose answer is a set of objects. */
export const LINK_KINDS = [
  'instancesOfNode',
  'nodesOfGroup',
  'instancesOfNetwork',
  'groupsOfNetwork',
  'disksOfInstance',
  'mirrorsOfPort',
  'shortInstanceName',
  'shortNodeName',
] as const;

/** One of these questions. */
export type LinkKind = (typeof LINK_KINDS)[number];

/** The object belongs to the answer of a question about `key`. */
export interface Link {
  readonly index: LinkKind;
  readonly key: string;
}

/** An object that this one cannot do without. */
export interface Reference {
  readonly kind: EntityKind;
  readonly id: string;
}

/** All that the indexes know of an object. */
export interface Facts {
  readonly claims: readonly Claim[];
  readonly links: readonly Link[];
  readonly refs: readonly Reference[];
}

/** What an object means for others. */
export function factsOf<K extends EntityKind>(kind: K, entity: EntityTypes[K]): Facts {
  return FACTS[kind](entity);
}

const FACTS: { readonly [K in EntityKind]: (entity: EntityTypes[K]) => Facts } = {
  cluster: (cluster) => ({
    claims: [claim('id', cluster.id)],
    links: [],
    refs: [{ kind: 'node', id: cluster.masterNode }],
  }),
  node: (node) => ({
    claims: [claim('id', node.id), claim('nodeName', node.name)],
    links: [
      { index: 'nodesOfGroup', key: node.groupId },
      ...shortNames('shortNodeName', node.name),
    ],
    refs: [{ kind: 'group', id: node.groupId }],
  }),
  group: (group) => ({
    claims: [claim('id', group.id), claim('groupName', group.name)],
    links: Object.keys(group.networks).map((key) => ({ index: 'groupsOfNetwork', key })),
    refs: Object.keys(group.networks).map((id) => ({ kind: 'network', id })),
  }),
  network: (network) => ({
    claims: [claim('id', network.id), claim('networkName', network.name)],
    links: [],
    refs: [],
  }),
  instance: factsOfInstance,
  disk: factsOfDisk,
};

function factsOfInstance(instance: Instance): Facts {
  const claims = [claim('id', instance.id), claim('name', instance.name)];
  const links = shortNames('shortInstanceName', instance.name);
  const refs: Reference[] = instance.diskIds.map((id) => ({ kind: 'disk', id }));
  for (const id of [instance.primaryNode, ...instance.secondaryNodes]) {
    links.push({ index: 'instancesOfNode', key: id });
    refs.push({ kind: 'node', id });
  }
  for (const nic of instance.nics) {
    claims.push(claim('id', nic.id), claim('mac', nic.mac));
    if (nic.ip !== undefined) claims.push(claim('ip', `${nic.networkId ?? ''}/${nic.ip}`));
    if (nic.networkId === undefined) continue;
    links.push({ index: 'instancesOfNetwork', key: nic.networkId });
    refs.push({ kind: 'network', id: nic.networkId });
  }
  if (instance.networkPort !== undefined) claims.push(claim('port', String(instance.networkPort)));
  return { claims, links, refs };
}

/**
 * A disk refers to its instance only: the nodes of its data can go while it is moved, and a disk of
 * an instance whose nodes are known needs no second reference.
 */
function factsOfDisk(disk: Disk): Facts {
  return {
    claims: [disk, ...(disk.parts ?? [])].flatMap(({ id, location }) => [
      claim('id', id),
      ...claimsOf(location),
    ]),
    links: [{ index: 'disksOfInstance', key: disk.instanceId }, ...mirrorLinks(disk.location)],
    refs: [{ kind: 'instance', id: disk.instanceId }],
  };
}

/**
 * Ports of mirrors are looked up, but not unique: Ganeti gives a fresh one out without looking, and
 * clusters that it has kept have doubles.
 */
function mirrorLinks(location: DiskLocation): Link[] {
  return location.kind === 'drbd' ? [{ index: 'mirrorsOfPort', key: String(location.port) }] : [];
}

/** A mirrored disk takes a minor on each node; its place is that of its parts. */
function claimsOf(location: DiskLocation): Claim[] {
  if (location.kind !== 'drbd') return [claim('volume', placeOf(location))];
  const minors = location.nodes.map((node, end) => `${node}/${location.minors[end]}`);
  return minors.map((minor) => claim('minor', minor));
}

function claim(index: IndexKind, value: string): Claim {
  return { index, value: spelling(index, value) };
}

/** The one spelling of a value, so that equal things are equal text. */
export function spelling(index: IndexKind, value: string): string {
  return SPELLINGS[index]?.(value) ?? value;
}

const SPELLINGS: { readonly [K in IndexKind]?: (value: string) => string } = {
  mac: (mac) => mac.toLowerCase(),
  name: (name) => name.toLowerCase(),
  nodeName: (name) => name.toLowerCase(),
  ip: (value) => {
    const at = value.indexOf('/') + 1;
    return value.slice(0, at) + canonicalAddress(value.slice(at));
  },
};

/** What a host may be called for short: its name up to any dot, as in Ganeti's name matching. */
function shortNames(index: LinkKind, name: string): Link[] {
  const links: Link[] = [];
  const lower = name.toLowerCase();
  for (let dot = lower.indexOf('.'); dot > 0; dot = lower.indexOf('.', dot + 1)) {
    links.push({ index, key: lower.slice(0, dot) });
  }
  return links;
}
