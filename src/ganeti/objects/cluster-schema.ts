/**
 * What is read of the cluster's settings in Ganeti's form.
 */
import { z } from 'zod';
import { DISK_TEMPLATES } from '../../model/disk-template.js';
import { HYPERVISOR_NAMES } from '../../model/hypervisor.js';
import type { NodeId } from '../../model/ids.js';
import { once } from '../wire/check.js';
import { wireBeParams } from './be-params.js';
import { storedFields, wireId, wireParams, wireTexts } from './fields.js';
import { wireNicParams } from './nic.js';
import { wirePolicyPart } from './policy.js';

const byHypervisor = () => z.partialRecord(z.enum(HYPERVISOR_NAMES), wireParams());
const byOs = <T extends z.ZodType>(type: T) => z.record(z.string(), type).nullish();

/** The object. */
export const wireCluster = once(() =>
  z.object({
    ...storedFields(),
    uuid: z.string().min(1).nullish(),
    cluster_name: z.string().min(1),
    master_node: wireId<NodeId>(),
    primary_ip_family: z.union([z.literal(2), z.literal(10)]).nullish(),
    hvparams: byHypervisor(),
    os_hvp: byOs(byHypervisor()),
    beparams: z.object({ default: wireBeParams() }),
    nicparams: z.object({ default: wireNicParams() }),
    ndparams: wireParams().nullish(),
    diskparams: z.partialRecord(z.enum(DISK_TEMPLATES), wireParams()).nullish(),
    osparams: byOs(z.record(z.string(), z.json())),
    osparams_private_cluster: byOs(wireTexts()),
    ipolicy: wirePolicyPart(),
    enabled_disk_templates: z.array(z.enum(DISK_TEMPLATES)),
    file_storage_dir: z.string().nullish(),
    shared_file_storage_dir: z.string().nullish(),
    gluster_storage_dir: z.string().nullish(),
    volume_group_name: z.string().nullish(),
    reserved_lvs: z.array(z.string()).nullish(),
    prealloc_wipe_disks: z.boolean().nullish(),
    enabled_hypervisors: z.array(z.enum(HYPERVISOR_NAMES)),
    mac_prefix: z.string(),
    tcpudp_port_pool: z.array(z.int()),
    highest_used_port: z.int(),
    default_iallocator: z.string().nullish(),
    default_iallocator_params: wireParams().nullish(),
    blacklisted_os: z.array(z.string()).nullish(),
    hidden_os: z.array(z.string()).nullish(),
    instance_communication_network: z.string().nullish(),
    install_image: z.string().nullish(),
    compression_tools: z.array(z.string()).nullish(),
  }),
);

/** What it holds. */
export type WireCluster = z.output<ReturnType<typeof wireCluster>>;
