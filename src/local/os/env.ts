/**
 * The environment of OS scripts, as pure functions. The names and texts are Ganeti's, so that
 * existing definitions run unchanged; nothing of our own environment gets in.
 */
import { BE_PARAMS, type BeParams } from '../../model/be-params.js';
import { type Disk, type DiskLocation, whereOf } from '../../model/disk.js';
import type { ParamValue } from '../../model/params.js';
import type { OsParams, RuntimeInstance, RuntimeNic } from '../../ports/runtime.js';
import type { OsDefinition } from './definition.js';
import { effectiveVariant, parseOsName } from './name.js';

/** An environment. */
export type Env = Readonly<Record<string, string>>;

/** What goes with a run, beside the instance. */
export interface ScriptFacts {
  /** The definition. */
  readonly os: OsDefinition;
  /** 1: scripts should tell more. */
  readonly debugLevel: 0 | 1;
}

const PATH = '/sbin:/bin:/usr/sbin:/usr/bin';

/** What every script gets, also `verify`, for which there is no instance yet. */
export function coreEnv({ os, debugLevel }: ScriptFacts, asked: string, params: OsParams): Env {
  return {
    ...osParamEnv(params),
    DEBUG_LEVEL: String(debugLevel),
    OS_API_VERSION: String(os.apiVersion),
    OS_NAME: os.name,
    OS_VARIANT: effectiveVariant(os, parseOsName(asked).variant),
    PATH,
  };
}

/** What a script gets that works on an instance. */
export function instanceEnv(facts: ScriptFacts, runtime: RuntimeInstance): Env {
  const { instance, hypervisor, hvParams, disks, nics } = runtime;
  return {
    ...coreEnv(facts, instance.os ?? '', runtime.osParams),
    INSTANCE_NAME: text(instance.name),
    INSTANCE_UUID: text(instance.id),
    INSTANCE_CTIME: seconds(instance.createdAtMs),
    INSTANCE_MTIME: seconds(instance.modifiedAtMs),
    INSTANCE_OS: text(instance.os),
    INSTANCE_PRIMARY_NODE: text(instance.primaryNode),
    INSTANCE_SECONDARY_NODES: instance.secondaryNodes.join(' '),
    HYPERVISOR: hypervisor,
    DISK_COUNT: String(disks.length),
    NIC_COUNT: String(nics.length),
    ...merged(disks.map((disk, n) => diskEnv(n, disk, hvParams['disk_type']))),
    ...merged(nics.map((nic, n) => nicEnv(n, nic, hvParams['nic_type']))),
    ...beEnv(runtime.beParams),
    ...prefixed('INSTANCE_HV_', hvParams),
  };
}

/** OS parameters as variables. Of one name, private wins over public, and secret over both. */
function osParamEnv({ public: open, private: hidden, secret }: OsParams): Env {
  const revealed = [...Object.entries(hidden), ...Object.entries(secret)].map(
    ([name, value]) => [name, value.reveal()] as const,
  );
  return Object.fromEntries(
    [...Object.entries(open), ...revealed].map(([name, value]) => [
      `OSP_${name.replaceAll('-', '_').toUpperCase()}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}

function diskEnv(n: number, disk: Disk, frontend: ParamValue | undefined): Env {
  const { location } = disk;
  return named(`DISK_${n}_`, {
    PATH: whereOf(location),
    SIZE: disk.sizeMib,
    ACCESS: disk.mode,
    UUID: disk.id,
    NAME: disk.name,
    FRONTEND_TYPE: frontend,
    BACKEND_TYPE: backendOf(location),
  });
}

/** Scripts are told `block` of what is no file, as in Ganeti. */
function backendOf(location: DiskLocation): string {
  return location.kind === 'file' ? `file:${location.driver}` : 'block';
}

function nicEnv(n: number, nic: RuntimeNic, frontend: ParamValue | undefined): Env {
  const { mode, link } = nic.params;
  return named(`NIC_${n}_`, {
    MAC: nic.mac,
    UUID: nic.id,
    MODE: mode,
    LINK: link,
    IP: nic.ip,
    NAME: nic.name,
    BRIDGE: mode === 'bridged' ? link : undefined,
    FRONTEND_TYPE: frontend,
    ...networkFacts(nic.network),
  });
}

function networkFacts(
  network: RuntimeNic['network'],
): Readonly<Record<string, string | undefined>> {
  if (network === undefined) return {};
  return {
    NETWORK_NAME: network.name,
    NETWORK_UUID: network.id,
    NETWORK_TAGS: network.tags.join(' '),
    NETWORK_SUBNET: network.cidr,
    NETWORK_GATEWAY: network.gateway,
    NETWORK_SUBNET6: network.cidr6,
    NETWORK_GATEWAY6: network.gateway6,
    NETWORK_MAC_PREFIX: network.macPrefix,
  };
}

function beEnv(params: BeParams): Env {
  const keys = Object.keys(BE_PARAMS) as (keyof BeParams)[];
  const wire = keys.map((key) => [BE_PARAMS[key].wireName, params[key]] as const);
  return prefixed('INSTANCE_BE_', Object.fromEntries(wire));
}

function merged(parts: readonly Env[]): Env {
  return Object.fromEntries(parts.flatMap((part) => Object.entries(part)));
}

/** All values, those not set as `None`. */
function prefixed(prefix: string, values: Readonly<Record<string, ParamValue>>): Env {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [prefix + name, text(value)]),
  );
}

/** Shown even if empty, once they exist at all. */
const SHOWN_EMPTY: ReadonlySet<string> = new Set(['FRONTEND_TYPE', 'NETWORK_TAGS']);

/** Only the values that are set; an empty link, address or name counts as not set. */
function named(prefix: string, values: Readonly<Record<string, ParamValue | undefined>>): Env {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([name, value]) => isGiven(value) || (SHOWN_EMPTY.has(name) && value !== undefined))
      .map(([name, value]) => [prefix + name, text(value)]),
  );
}

function isGiven(value: ParamValue | undefined): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** A value the way Python writes it. */
function text(value: ParamValue | undefined): string {
  if (value === undefined || value === null) return 'None';
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
}

/** Seconds since 1970 with a fraction, the way Python writes them. */
function seconds(ms: number): string {
  if (!Number.isFinite(ms)) return 'None';
  return Number.isInteger(ms / 1000) ? `${ms / 1000}.0` : String(ms / 1000);
}
