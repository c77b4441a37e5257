/**
 * The shapes of stored objects, to check what comes from a store: a record that was damaged or
 * written by something else must not become an object of the configuration. A schema is built when
 * it is first needed, since building takes longer than most commands.
 */
import { z } from 'zod';
import type { EntityKind, EntityTypes } from '../model/cluster.js';
import { DISK_TEMPLATES } from '../model/disk-template.js';
import { HYPERVISOR_NAMES } from '../model/hypervisor.js';
import {
  beParams,
  byHypervisor,
  byTemplate,
  id,
  nicParams,
  once,
  osParams,
  optional,
  params,
  policy,
  secrets,
  stored,
} from './schema-parts.js';
import { diskLocation, diskPart } from './disk-schemas.js';

/** The schema of each kind of object. */
export const SCHEMAS: { readonly [K in EntityKind]: () => z.ZodType<EntityTypes[K]> } = {
  cluster: once(() =>
    z.strictObject({
      ...stored(),
      id: z.string().min(1),
      name: z.string().min(1),
      masterNode: id<EntityTypes['node']['id']>(),
      enabledHypervisors: z.array(z.enum(HYPERVISOR_NAMES)),
      enabledDiskTemplates: z.array(z.enum(DISK_TEMPLATES)),
      hvParams: byHypervisor(),
      osHvParams: z.record(z.string(), byHypervisor()),
      beParams: beParams(),
      nicParams: nicParams(),
      ndParams: params(),
      diskParams: byTemplate(),
      osParams: z.record(z.string(), osParams()),
      osParamsPrivate: z.record(z.string(), secrets()),
      policy: policy(),
      fileStorageDir: z.string().exactOptional(),
      sharedFileStorageDir: z.string().exactOptional(),
      glusterStorageDir: z.string().exactOptional(),
      volumeGroup: z.string().exactOptional(),
      macPrefix: z.string(),
      portPool: z.array(z.int()),
      highestUsedPort: z.int(),
      wipeDisks: z.boolean(),
      defaultAllocator: z.string().exactOptional(),
      allocatorParams: params().exactOptional(),
      blacklistedOs: z.array(z.string()),
      hiddenOs: z.array(z.string()),
      primaryIpFamily: z.union([z.literal(4), z.literal(6)]),
      communicationNetwork: z.string().exactOptional(),
      installImage: z.string().exactOptional(),
      // Absent in records of before there were any: then the defaults of that time.
      compressionTools: z.array(z.string()).default(() => ['gzip', 'gzip-fast', 'gzip-slow']),
      reservedVolumes: z.array(z.string()).default([]),
    }),
  ),
  node: once(() =>
    z.strictObject({
      ...stored(),
      id: id<EntityTypes['node']['id']>(),
      name: z.string().min(1),
      primaryIp: z.string(),
      secondaryIp: z.string(),
      groupId: id<EntityTypes['group']['id']>(),
      offline: z.boolean(),
      drained: z.boolean(),
      masterCandidate: z.boolean(),
      masterCapable: z.boolean(),
      vmCapable: z.boolean(),
      ndParams: params(),
    }),
  ),
  group: once(() =>
    z.strictObject({
      ...stored(),
      id: id<EntityTypes['group']['id']>(),
      name: z.string().min(1),
      allocPolicy: z.enum(['preferred', 'last_resort', 'unallocable']),
      ndParams: params(),
      diskParams: byTemplate(),
      policy: z.strictObject(optional(policy().shape)),
      networks: z.record(id<EntityTypes['network']['id']>(), nicParams()),
    }),
  ),
  network: once(() =>
    z.strictObject({
      ...stored(),
      id: id<EntityTypes['network']['id']>(),
      name: z.string().min(1),
      cidr: z.string(),
      gateway: z.string().exactOptional(),
      cidr6: z.string().exactOptional(),
      gateway6: z.string().exactOptional(),
      macPrefix: z.string().exactOptional(),
      reservedIps: z.array(z.string()),
      strayIps: z.array(z.string()).exactOptional(),
    }),
  ),
  instance: once(() =>
    z.strictObject({
      ...stored(),
      id: id<EntityTypes['instance']['id']>(),
      name: z.string().min(1),
      primaryNode: id<EntityTypes['node']['id']>(),
      secondaryNodes: z.array(id<EntityTypes['node']['id']>()),
      os: z.string().exactOptional(),
      hypervisor: z.enum(HYPERVISOR_NAMES),
      hvParams: params(),
      beParams: z.strictObject(optional(beParams().shape)),
      osParams: osParams(),
      osParamsPrivate: secrets(),
      adminState: z.enum(['up', 'down', 'offline']),
      adminStateSource: z.enum(['admin', 'user']).exactOptional(),
      nics: z.array(
        z.strictObject({
          id: id<EntityTypes['instance']['nics'][number]['id']>(),
          name: z.string().exactOptional(),
          mac: z.string(),
          ip: z.string().exactOptional(),
          networkId: id<EntityTypes['network']['id']>().exactOptional(),
          params: z.strictObject(optional(nicParams().shape)),
        }),
      ),
      diskIds: z.array(id<EntityTypes['disk']['id']>()),
      diskTemplate: z.enum(DISK_TEMPLATES),
      disksActive: z.boolean(),
      networkPort: z.int().exactOptional(),
      forthcoming: z.literal(true).exactOptional(),
    }),
  ),
  disk: once(() =>
    z.strictObject({
      ...stored(),
      id: id<EntityTypes['disk']['id']>(),
      instanceId: id<EntityTypes['instance']['id']>(),
      index: z.int(),
      template: z.enum(DISK_TEMPLATES),
      sizeMib: z.number(),
      mode: z.enum(['rw', 'ro']),
      name: z.string().exactOptional(),
      location: diskLocation(),
      params: params(),
      nodes: z.array(id<EntityTypes['node']['id']>()).default([]),
      parts: z.array(diskPart()).exactOptional(),
      spindles: z.int().exactOptional(),
      forthcoming: z.literal(true).exactOptional(),
      temporary: z.literal(true).exactOptional(),
    }),
  ),
};
