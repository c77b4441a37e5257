/**
 * A change that another job makes to the configuration while locks are waited for.
 */
import type { ClusterConfig } from '../../../src/config/cluster-config.js';
import { type ConfigData, readConfigData } from '../../../src/ganeti/config/read.js';
import type { ConfigRest } from '../../../src/ganeti/config/rest.js';
import { writeConfigData } from '../../../src/ganeti/config/write.js';
import type { JsonObject } from '../../../src/ganeti/wire/json.js';
import type { EntityKind } from '../../../src/model/cluster.js';
import type { ConfigEvent } from '../vectors/types.js';

type Kind = Exclude<EntityKind, 'cluster'>;

/** Containers of a configuration, and what is in them. */
const KINDS = {
  nodes: 'node',
  nodegroups: 'group',
  networks: 'network',
  instances: 'instance',
  disks: 'disk',
} as const satisfies Record<string, Kind>;

type Container = keyof typeof KINDS;

const CONTAINERS = Object.keys(KINDS) as Container[];

/** Carries the change out. */
export async function applyEvent(
  event: ConfigEvent,
  config: ClusterConfig,
  rest: ConfigRest,
): Promise<void> {
  const changed = readConfigData(changedConfig(event, writeConfigData(config, rest)));
  await config.commit('another job', (draft) => {
    for (const container of CONTAINERS) {
      const kind = KINDS[container];
      for (const id of Object.keys(event.set?.[container] ?? {})) {
        const after = objectsOf(changed, container).find((object) => object.id === id);
        if (after !== undefined) draft.update(kind, id, (object) => replaceFields(object, after));
      }
      for (const id of event.remove?.[container] ?? []) draft.remove(kind, id);
    }
  });
}

function changedConfig({ set = {} }: ConfigEvent, before: JsonObject): JsonObject {
  const after: Record<string, JsonObject[string]> = { ...before };
  for (const [container, objects] of Object.entries(set)) {
    const old = before[container] as Readonly<Record<string, JsonObject>>;
    const changed: Record<string, JsonObject> = { ...old };
    for (const [id, fields] of Object.entries(objects)) changed[id] = { ...old[id], ...fields };
    after[container] = changed;
  }
  return after;
}

function objectsOf(config: ConfigData, container: Container): readonly { id: string }[] {
  return container === 'nodegroups' ? config.groups : config[container];
}

function replaceFields(target: object, source: object): void {
  for (const key of Object.keys(target)) Reflect.deleteProperty(target, key);
  Object.assign(target, source);
}
