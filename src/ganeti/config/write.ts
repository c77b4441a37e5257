/**
 * The configuration of a store as Ganeti's `config.data`.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ConfigReader } from '../../ports/config-store.js';
import type { EncodeOptions } from '../objects/fields.js';
import type { JsonObject } from '../wire/json.js';
import { encodeConfig } from './encode.js';
import { type ConfigRest, withRest } from './rest.js';

/**
 * The configuration of this moment in Ganeti's form. `rest` is what `readConfigData` gave when the
 * cluster was taken over: without it, what is written lacks fields that Ganeti's daemons want.
 * Private values are written in clear unless the options hide them: protect the file.
 * @public
 */
export function writeConfigData(
  reader: ConfigReader,
  rest: ConfigRest = {},
  options: EncodeOptions = {},
): JsonObject {
  const config = reader.snapshot();
  const encoded = encodeConfig(
    {
      cluster: config.cluster,
      nodes: [...config.all('node')],
      groups: [...config.all('group')],
      networks: [...config.all('network')],
      instances: [...config.all('instance')],
      disks: [...config.all('disk')],
    },
    options,
  );
  return withRest(encoded, withoutOldPools(encoded, rest)) as JsonObject;
}

/** Both marks of a pool are written as one: where one has changed, the other is not as it was. */
function withoutOldPools(encoded: JsonObject, rest: ConfigRest): ConfigRest {
  const networks = rest.fields?.['networks']?.fields;
  if (networks === undefined) return rest;
  const kept = Object.entries(networks).map(([id, network]): [string, ConfigRest] => {
    const { reservations, ext_reservations: reserved, ...others } = network.fields ?? {};
    const now = (encoded['networks'] as Readonly<Record<string, JsonObject>>)[id];
    const isSame = isDeepStrictEqual(now?.['reservations'], reservations?.had);
    if (reservations === undefined || reserved === undefined || isSame) return [id, network];
    return [id, { fields: { ...others, reservations } }];
  });
  return { fields: { ...rest.fields, networks: { fields: Object.fromEntries(kept) } } };
}
