/**
 * Whatever the model can say survives the way into Ganeti's form and back, through text.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCluster, encodeCluster } from '../../../src/ganeti/objects/cluster.js';
import { decodeDisk, encodeDisk } from '../../../src/ganeti/objects/disk.js';
import { decodeGroup, encodeGroup } from '../../../src/ganeti/objects/group.js';
import { decodeInstance, encodeInstance } from '../../../src/ganeti/objects/instance.js';
import { decodeNetwork, encodeNetwork } from '../../../src/ganeti/objects/network.js';
import { decodeNic, encodeNic } from '../../../src/ganeti/objects/nic.js';
import { decodeNode, encodeNode } from '../../../src/ganeti/objects/node.js';
import type { JsonObject } from '../../../src/ganeti/wire/json.js';
import { restOf, withRest } from '../../../src/ganeti/config/rest.js';
import { readConfigData } from '../../../src/ganeti/config/read.js';
import { Secret } from '../../../src/model/secret.js';
import { CONFIGS } from '../config/takeover.js';
import { disk, network, nic, node, withDisks } from './arbitraries.js';

function sent(json: JsonObject): unknown {
  return JSON.parse(JSON.stringify(json)) as unknown;
}

test('disks', () => {
  fc.assert(
    fc.property(disk, (one) => {
      expect(plain(decodeDisk(sent(encodeDisk(one)), one))).toEqual(plain(one));
    }),
  );
});

test('cards', () => {
  fc.assert(
    fc.property(nic, (card) => {
      expect(decodeNic(sent(encodeNic(card)))).toEqual(card);
    }),
  );
});

test('instances', () => {
  fc.assert(
    fc.property(withDisks, ({ instance, disks }) => {
      expect(plain(decodeInstance(sent(encodeInstance(instance)), disks))).toEqual(plain(instance));
    }),
  );
});

test('nodes', () => {
  fc.assert(
    fc.property(node, (one) => {
      expect(decodeNode(sent(encodeNode(one)))).toEqual(one);
    }),
  );
});

test('networks', () => {
  fc.assert(
    fc.property(network, ({ network: net, cardIps }) => {
      expect(decodeNetwork(sent(encodeNetwork(net, cardIps)), cardIps)).toEqual(net);
    }),
  );
});

test.each(CONFIGS)('the groups and settings of: $about', ({ config }) => {
  const { groups, cluster } = readConfigData(config);
  expect(plain(decodeCluster(sent(encodeCluster(cluster))))).toEqual(plain(cluster));
  for (const group of groups) expect(decodeGroup(sent(encodeGroup(group)))).toEqual(group);
});

type Pair = [JsonObject, JsonObject];
const UNASSIGNED: Pair = [JSON.parse('{"__proto__":{"a":1},"b":2}') as JsonObject, { b: 3 }];

test('what a codec loses', () => {
  const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);
  fc.assert(
    fc.property(json, json, (encoded, original) => {
      expect(withRest(encoded, restOf(encoded, original))).toEqual(original);
    }),
    // A key that an object does not take by assignment.
    { examples: [UNASSIGNED, [...UNASSIGNED].reverse() as Pair] },
  );
});

/** With secrets told, since they look all the same otherwise. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Secret) return { secret: value.reveal() as unknown };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
