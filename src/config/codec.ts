/**
 * Objects as records of the store and back: one record per object, JSON. The only place where
 * secrets are revealed into the store, and the place where bad data is caught on its way in.
 */
import type { EntityKind, EntityTypes } from '../model/cluster.js';
import type { Secret } from '../model/secret.js';
import { corruptRecord, parseRecord } from '../ports/kv-record.js';
import { deepFreeze } from './deep-freeze.js';
import { ENTITY_KINDS } from './facts.js';
import { mustHoldFiniteNumbers } from './finite-numbers.js';
import { SCHEMAS } from './schemas.js';
import { CLUSTER_ROW } from './tables.js';

/** All keys of the configuration begin with this. */
export const CONFIG_PREFIX = 'config/';

/** Says which form the records have; a form that is not known is refused. */
export const FORMAT_KEY = 'config/format';

/** The form that this version writes. */
export const FORMAT = '1';

/**
 * Every commit that takes new values writes this key and compares it: so two processes cannot take
 * the same value, though they write different objects.
 */
export const CLAIMS_KEY = 'config/claims';

/**
 * Written by everything that changes the configuration where several processes share it: whoever
 * has seen its latest revision has seen all.
 */
export const LATEST_KEY = 'config/latest';

/** Keys that hold no object. */
const OTHER_KEYS: ReadonlySet<string> = new Set([FORMAT_KEY, CLAIMS_KEY, LATEST_KEY]);

/**
 * Keys of what operations have claimed and told other processes begin with this; the rest is the
 * operation's id. They lie under the configuration's prefix: one watch shows claims and commits in
 * the order in which they came.
 */
export const CLAIMED_PREFIX = 'config/claimed/';

/** The key of an object's record. */
export function keyOf(kind: EntityKind, id: string): string {
  return kind === 'cluster' ? `${CONFIG_PREFIX}${CLUSTER_ROW}` : `${CONFIG_PREFIX}${kind}/${id}`;
}

/** What a key is the record of; `undefined` for keys that hold no object. */
export function parseKey(key: string): { kind: EntityKind; id: string } | undefined {
  if (OTHER_KEYS.has(key) || key.startsWith(CLAIMED_PREFIX)) return undefined;
  const [name, ...rest] = key.slice(CONFIG_PREFIX.length).split('/');
  const kind = ENTITY_KINDS.find((known) => known === name);
  const id = kind === 'cluster' && rest.length === 0 ? CLUSTER_ROW : rest.join('/');
  if (kind === undefined || id === '' || (kind === 'cluster') !== (id === CLUSTER_ROW)) {
    throw corruptRecord(key, 'nothing of that name belongs into a configuration');
  }
  return { kind, id };
}

/** The record of an object. Throws `ProgrammerError` for a number that JSON cannot hold. */
export function encodeEntity<K extends EntityKind>(kind: K, entity: EntityTypes[K]): string {
  const text = JSON.stringify(REVEAL[kind]?.(entity) ?? entity);
  // Such a number becomes this word; where it does not occur nobody has to look closer.
  if (text.includes('null')) mustHoldFiniteNumbers(entity, `${kind} ${entity.id}`);
  return text;
}

const REVEAL: { readonly [K in EntityKind]?: (entity: EntityTypes[K]) => object } = {
  cluster: (cluster) => {
    const { osParamsPrivate: byOs } = cluster;
    const revealed: Record<string, unknown> = {};
    for (const [os, secrets] of Object.entries(byOs)) revealed[os] = reveal(secrets);
    return { ...cluster, osParamsPrivate: revealed };
  },
  instance: (instance) => {
    const { osParamsPrivate: secrets } = instance;
    if (Object.keys(secrets).length === 0) return instance;
    return { ...instance, osParamsPrivate: reveal(secrets) };
  },
  disk: ({ location, ...disk }) => {
    if (location.kind !== 'drbd') return { ...disk, location };
    return { ...disk, location: { ...location, secret: location.secret.reveal() } };
  },
};

function reveal(secrets: Readonly<Record<string, Secret<string>>>): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).map(([name, text]) => [name, text.reveal()]));
}

/** The object of a record, frozen. Throws `ConfigError` `corrupt` that names the key. */
export function decodeEntity<K extends EntityKind>(
  kind: K,
  id: string,
  text: string,
): EntityTypes[K] {
  const key = keyOf(kind, id);
  const parsed = SCHEMAS[kind]().safeParse(parseRecord(key, text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.join('.') ?? '';
    throw corruptRecord(key, `${place}: ${issue?.message ?? 'not as it should be'}`);
  }
  if (kind !== 'cluster' && parsed.data.id !== id) throw corruptRecord(key, 'it holds another id');
  return deepFreeze(parsed.data);
}
