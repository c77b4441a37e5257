/**
 * Parameters that are handed down from cluster to instance.
 */
import { decodeBeParams, encodeBeParams } from '../../../src/ganeti/objects/be-params.js';
import { checkVisibility } from '../../../src/instance-create/prereq/params.js';
import { newCluster } from '../../../src/model/new-objects.js';
import type { Cluster } from '../../../src/model/cluster.js';
import {
  fillAllOsParams,
  fillBeParams,
  fillHvParams,
  fillNicParams,
  withoutGlobals,
} from '../../../src/model/fill.js';
import type { HypervisorName } from '../../../src/model/hypervisor.js';
import type { NodeId } from '../../../src/model/ids.js';
import { checkNicParams, type NicParams } from '../../../src/model/nic.js';
import type { Params } from '../../../src/model/params.js';
import { Secret } from '../../../src/model/secret.js';
import { bare } from '../compare/values.js';
import type { FunctionArgs, FunctionTable } from './types.js';

type Dict<T> = Readonly<Record<string, T>>;
type BeWire = Parameters<typeof decodeBeParams>[0];

/** The functions. */
export const TABLE: FunctionTable = {
  'Cluster.SimpleFillHV': (args, context) => {
    const name = args.get<HypervisorName>('hv_name');
    const own = args.get<Params>('hvparams');
    const filled = fillHvParams(clusterOf(context), name, args.maybe('os_name'), own);
    return args.get('skip_globals') === true ? withoutGlobals(name, filled) : filled;
  },
  'Cluster.SimpleFillOS': (args, context) => {
    const [hidden, secret] = [secretsIn(args, 'private'), secretsIn(args, 'secret')];
    const filled = fillAllOsParams(clusterOf(context), args.maybe('os_name'), {
      public: args.get('os_params_public'),
      ...(hidden === undefined ? {} : { private: hidden }),
      ...(secret === undefined ? {} : { secret }),
    });
    checkVisibility(filled);
    return { ...filled.public, ...filled.private, ...filled.secret };
  },
  'Cluster.SimpleFillBE': (args, context) =>
    encodeBeParams(fillBeParams(clusterOf(context), decodeBeParams(args.get<BeWire>('beparams')))),
  'Cluster.SimpleFillNIC': (args, context) =>
    fillNicParams(clusterOf(context), args.get('nicparams')),
  'NIC.CheckParameterSyntax': (args) =>
    checkNicParams({ vlan: '', ...args.get<Omit<NicParams, 'vlan'>>('nicparams') }, 'The card'),
};

/** A cluster with the recorded parameters. */
function clusterOf(context: FunctionArgs): Cluster {
  const hidden = context.get<Dict<Dict<unknown>>>('osparams_private_cluster');
  const base = newCluster({ id: 'c', name: 'c', masterNode: 'n' as NodeId });
  const kvm = context.get<Params>('hvparams.kvm');
  return {
    ...base,
    hvParams: { kvm },
    osHvParams: context.get('os_hvp'),
    osParams: context.get('osparams'),
    osParamsPrivate: Object.fromEntries(
      Object.entries(hidden).map(([os, params]) => [os, secretsOf(params)]),
    ),
    beParams: {
      ...base.beParams,
      ...decodeBeParams(context.get<Dict<BeWire>>('beparams')['default'] ?? {}),
    },
    nicParams: context.get<Dict<NicParams>>('nicparams')['default'] ?? base.nicParams,
  };
}

function secretsIn(args: FunctionArgs, kind: string): Dict<Secret<string>> | undefined {
  const given = args.maybe<Dict<unknown>>(`os_params_${kind}`);
  return given === undefined ? undefined : secretsOf(given);
}

function secretsOf(params: Dict<unknown>): Dict<Secret<string>> {
  const entries = Object.entries(params);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, new Secret(bare(value) as string)]),
  );
}
