/**
 * Questions and commands about operating systems.
 */
import { z } from 'zod';
import type { NodeQueries, OsCommands } from '../../ports/node-rpc.js';
import type { OsFacts, OsRun } from '../../ports/node-facts.js';
import { answered, type Reply } from '../../ports/reply.js';
import { once } from '../wire/check.js';
import type { NodeCaller } from './caller.js';
import { plainInstance, wireInstance, wireInstanceForOs } from './encode-instance.js';
import { ABSENT_OS } from './known-failures.js';
import { list, nothing, text } from './payloads.js';
import type { WireObject } from './transport.js';

type OsCalls = Pick<NodeQueries, 'validateOs' | 'findOs'> & OsCommands;

/** The calls. */
export function osCalls(caller: NodeCaller): OsCalls {
  return { ...osQuestions(caller), ...scriptCalls(caller), ...packageCalls(caller) };
}

function osQuestions(caller: NodeCaller): Pick<OsCalls, 'validateOs' | 'findOs'> {
  return {
    validateOs: async (nodes, { os, params, forceVariant }, call) => {
      const replies = await caller.many(
        nodes,
        {
          procedure: 'os_validate',
          args: {
            required: true,
            name: os,
            checks: ['parameters'],
            params: { ...params.public, ...params.private, ...params.secret },
            force_variant: forceVariant,
          },
          reads: found,
        },
        call,
      );
      return new Map([...replies].map(([node, reply]) => [node, orAbsent(reply)]));
    },
    findOs: (node, { os }, call) =>
      caller.one(
        node,
        {
          procedure: 'os_diagnose',
          args: {},
          reads: () => usable().transform((all) => all.find(({ name }) => name === os)),
        },
        call,
      ),
  };
}

function scriptCalls(caller: NodeCaller): Pick<OsCalls, 'installOs' | 'renameOs'> {
  const { config, debugLevel } = caller;
  return {
    installOs: (node, { runtime, reinstall }, call) =>
      caller.one(
        node,
        {
          procedure: 'instance_os_add',
          args: {
            instance_osp: [plainInstance(runtime), runtime.osParams.secret],
            reinstall,
            debug: debugLevel,
          },
          wire: (target) => [
            wireInstanceForOs(runtime, { config, node: target }),
            reinstall,
            debugLevel,
          ],
          reads: ran,
        },
        call,
      ),
    renameOs: (node, { runtime, oldName }, call) =>
      caller.one(
        node,
        {
          procedure: 'instance_run_rename',
          args: { instance: plainInstance(runtime), old_name: oldName, debug: debugLevel },
          wire: (target) => [wireInstance(runtime, { config, node: target }), oldName, debugLevel],
          reads: ran,
        },
        call,
      ),
  };
}

function packageCalls(caller: NodeCaller): Pick<OsCalls, 'exportOs' | 'publishMetadata'> {
  const { config } = caller;
  return {
    exportOs: (node, { runtime, env }, call) =>
      caller.one(
        node,
        {
          procedure: 'os_export',
          args: { instance: plainInstance(runtime), override_env: env },
          wire: (target) => [wireInstance(runtime, { config, node: target }), env],
          reads: text,
        },
        call,
      ),
    publishMetadata: (node, { runtime }, call) => {
      const told: WireObject = {
        ...plainInstance(runtime),
        osparams_private: runtime.instance.osParamsPrivate,
        osparams_secret: runtime.osParams.secret,
      };
      return caller.one(
        node,
        { procedure: 'instance_metadata_modify', args: { instance: told }, reads: nothing },
        call,
      );
    },
  };
}

const found = once(() => z.boolean());

function orAbsent(reply: Reply<boolean>): Reply<boolean> {
  return !reply.ok && ABSENT_OS.test(reply.message) ? answered(false) : reply;
}

/** Scripts' output stays on the node, the daemon does not tell where. */
const ran = once(() => z.unknown().transform((): OsRun => ({})));

/** Name and description; definitions may leave out the latter. */
const parameter = once(() =>
  z.union([
    z.tuple([z.string(), z.string()]),
    z.string().transform((name): [string, string] => [name, '']),
  ]),
);

/** Name, path, whether it can be used, why not, variants, parameters, versions, trusted. */
const definition = once(() =>
  z
    .tuple([
      z.string(),
      z.unknown(),
      z.boolean(),
      z.unknown(),
      list(z.string()),
      list(parameter()),
      list(z.number()),
      z.boolean(),
    ])
    .transform(([name, , valid, , variants, parameters, apiVersions, trusted]) => ({
      valid,
      facts: { name, apiVersions, variants, parameters, trusted } satisfies OsFacts,
    })),
);

const usable = once(() =>
  z
    .array(definition())
    .transform((all): readonly OsFacts[] =>
      all.filter(({ valid }) => valid).map(({ facts }) => facts),
    ),
);
