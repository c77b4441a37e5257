/**
 * Dictionaries: laying them over one another, bringing values to their types.
 */
import { fillDict, updatedParams } from '../../../src/ganeti/text/dicts.js';
import { ourBeName, wireBeName } from '../../../src/ganeti/wire/be-names.js';
import { coerceParams, withoutShorthand } from '../../../src/instance-create/args/params.js';
import type { Params, ParamType } from '../../../src/model/params.js';
import type { FunctionTable } from './types.js';

/** The functions. */
export const TABLE: FunctionTable = {
  FillDict: (args) =>
    fillDict(args.get('defaults_dict'), args.get('custom_dict'), args.maybe('skip_keys')),
  GetUpdatedParams: (args) =>
    updatedParams(args.get('old_params'), args.get('update_dict'), {
      useDefault: args.get('use_default'),
      useNone: args.get('use_none'),
    }),
  ForceDictType: (args, context) => {
    const types = Object.entries(context.get<Readonly<Record<string, ParamType>>>('key_types'));
    const table = Object.fromEntries(types.map(([name, type]) => [name, { type }]));
    return coerceParams(args.get('target'), table, 'the table');
  },
  UpgradeBeParams: (args) => {
    const ours = renamed(args.get<Params>('target'), (name) => ourBeName(name) ?? name);
    return renamed(withoutShorthand({ ...ours }), wireBeName);
  },
};

function renamed(params: Params, rename: (name: string) => string): Params {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [rename(name), value]));
}
