/**
 * Requests out of the schema of `CreateOp`: every field that it has, filled mostly with values that
 * mean something in the random clusters, and otherwise with anything of its type.
 */
import fc from 'fast-check';
import { z } from 'zod';
import { createOpSchema } from '../../src/instance-create/op.js';
import { HYPERVISOR_PARAMS } from '../../src/model/hypervisor-params.js';
import { ODD_VALUES } from './mutate.js';
import { handshake, signedCertificate } from './samples.js';

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | false;
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
}

const NODES = ['node1', 'node2', 'node3.example.com', 'node4', 'node5', 'node-node1', 'node9'];

/** Values that mean something, by the field's name. */
const MEANT: Readonly<Record<string, readonly unknown[]>> = {
  instanceName: ['web1.example.com', 'web2', 'WEB3.example.com', 'taken1', 'taken', 'kept1', 'a b'],
  size: [1, 64, 1024, '10m', '1g', '1.5G', 0, -1, '9t', 1e12, 0.5, '1e3'],
  mode: ['rw', 'ro', 'bridged', 'routed', 'openvswitch', 'auto', 'x'],
  name: ['none', 'root', '7', 'a', 'None'],
  adopt: ['lv1', 'lv2', '/dev/disk/by-id/d1', '/dev/disk/by-id/d2', '../x'],
  vg: ['xenvg', 'fast', 'nope'],
  metavg: ['xenvg', 'fast', 'nope'],
  access: ['kernelspace', 'userspace', 'x'],
  spindles: [1, 2, 0, -1],
  provider: ['rbdish', 'x y'],
  mac: ['auto', 'generate', 'aa:00:00:00:00:01', 'AA:BB:CC:00:00:09', 'zz', ''],
  ip: ['none', 'auto', 'pool', '10.0.0.2', '10.0.0.1', '192.0.2.50', '2001:db8::1', '1.2'],
  link: ['xen-br0', 'br1', '', 'auto'],
  bridge: ['xen-br0', 'br1', 'auto'],
  vlan: ['5', '.5', '.5:6', ':5:6', 'x', '9999', '.'],
  network: ['none', 'lan', 'tiny', 'nowhere', 'nope'],
  fileStorageDir: ['sub', 'a/b', '/x', '..', 'a/../..'],
  osType: ['debian', 'debian+x', 'guest', 'gentoo', '../x', '+'],
  pnode: NODES,
  snode: NODES,
  pnodeUuid: ['node-node1', 'node-node2', 'x'],
  snodeUuid: ['node-node2', 'node-node1', 'x'],
  srcNode: NODES,
  srcNodeUuid: ['node-node1', 'node-node2', 'x'],
  srcPath: ['old', '/var/lib/ganeti/export/old', '../old', '/etc', 'x'],
  iallocator: ['.', 'most-free', 'program', 'hail'],
  groupName: ['default', 'group1', 'group2', 'group-3', 'nope'],
  tags: [['x'], ['x', 'y:z'], ['a b'], [], ['x'.repeat(129)]],
  compress: ['none', 'gzip', 'rot13', ''],
  sourceHandshake: [handshake(), [], [0], [7, 'x', 'y'], [0, 'x', 'y', 'z'], [null, {}, []]],
  sourceX509Ca: [signedCertificate(), 'x', '-----BEGIN CERTIFICATE-----'],
  sourceInstanceName: ['old.example.com', 'old', 'x y'],
  sourceShutdownTimeoutS: [0, 1, 120, 1e9],
  helperStartupTimeoutS: [0, 1, 10, -1, 2 ** 40],
  helperShutdownTimeoutS: [0, 1, 60, -1, 2 ** 40],
};

const BE_KEYS = ['memoryMib', 'minMemMib', 'maxMemMib', 'vcpus', 'spindleUse', 'autoBalance', 'x'];
const HV_KEYS = Object.values(HYPERVISOR_PARAMS).flatMap((table) => Object.keys(table));
const KEYS: Readonly<Record<string, readonly string[]>> = {
  beParams: [...BE_KEYS, 'alwaysFailover', '__proto__'],
  hvParams: [...new Set(HV_KEYS), 'x', 'constructor'],
  osParams: ['a', 'b', 'dhcp', '__proto__'],
  osParamsPrivate: ['a', 'p', 'toString'],
  osParamsSecret: ['a', 's', ''],
  providerParams: ['pool', 'x', 'size'],
};

const PLAIN = [1, 2, 0, -1, 128, 512, 0.5, 1e15, '1g', 'auto', 'default', '', 'x', true, false];

const SCALARS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  string: fc.oneof(
    fc.string(),
    fc.constantFrom(...ODD_VALUES.filter((value) => typeof value === 'string')),
  ),
  number: fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, 1, 64)),
  integer: fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, 1, 2, -1)),
  boolean: fc.boolean(),
  null: fc.constant(null),
};

const SCHEMA = z.toJSONSchema(createOpSchema, { unrepresentable: 'any' }) as JsonSchema;

/** The fields of requests, each with what it may hold. */
export const FIELDS: Readonly<Record<string, fc.Arbitrary<unknown>>> = Object.fromEntries(
  Object.entries(SCHEMA.properties ?? {}).map(([name, inner]) => [name, valuesOf(inner, name)]),
);

/** Any request that the schema allows: most contradict themselves. */
export const anyRequest: fc.Arbitrary<unknown> = fc.record(FIELDS, {
  requiredKeys: [...(SCHEMA.required ?? [])],
});

/** A few fields with what they may hold. */
export const changes: fc.Arbitrary<readonly (readonly [string, unknown])[]> = fc.array(
  fc.oneof(
    ...Object.entries(FIELDS).map(([name, values]) =>
      values.map((value) => [name, value] as const),
    ),
  ),
  { maxLength: 4 },
);

function valuesOf(schema: JsonSchema, name: string): fc.Arbitrary<unknown> {
  const typed = typedValues(schema, name);
  const meant = MEANT[name];
  if (meant === undefined || schema.enum !== undefined) return typed;
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...meant) },
    { weight: 1, arbitrary: typed },
  );
}

function typedValues(schema: JsonSchema, name: string): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const { type } = schema;
  if (type === 'object') return objects(schema, name);
  if (type === 'array') return fc.array(valuesOf(schema.items ?? {}, ''), { maxLength: 3 });
  const types = typeof type === 'string' ? [type] : (type ?? ['string', 'number', 'null']);
  return fc.oneof(...types.map((one) => SCALARS[one] ?? fc.constantFrom(...ODD_VALUES)));
}

function objects(
  { properties, additionalProperties, required }: JsonSchema,
  name: string,
): fc.Arbitrary<unknown> {
  if (properties !== undefined) {
    const fields = Object.entries(properties).map(([key, one]) => [key, valuesOf(one, key)]);
    const all = Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>;
    return fc.record(all, { requiredKeys: [...(required ?? [])] });
  }
  const values = additionalProperties === false ? undefined : additionalProperties;
  const value = fc.oneof(fc.constantFrom(...PLAIN), typedValues(values ?? {}, ''));
  const key = fc.constantFrom(...(KEYS[name] ?? ['x']));
  return fc.dictionary(key, value, { maxKeys: 3 });
}
