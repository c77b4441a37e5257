/**
 * The configuration of a store as Ganeti's `config.data`.
 */
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
  return withRest(encoded, rest) as JsonObject;
}
