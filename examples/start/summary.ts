/**
 * What is said when the work is over.
 */
import {
  type AnyReport,
  type ClusterConfig,
  type CreatePlan,
  LuError,
  placeOf,
  type RecoveryReport,
} from 'logical-units';
import type { SitePaths } from './site.js';

/** The plan, as lines. */
export function planLines(plan: CreatePlan): string[] {
  const { instance, nodes, disks } = plan;
  return [
    `instance    ${instance.name} (${instance.id})`,
    `node        ${[nodes.primary, ...nodes.secondaries].map((node) => node.name).join(', ')}`,
    `hypervisor  ${instance.hypervisor}`,
    `memory      ${plan.beParams.maxMemMib} MiB, ${plan.beParams.vcpus} processor(s)`,
    ...disks.map(
      (disk) => `disk ${disk.index}      ${disk.sizeMib} MiB, ${placeOf(disk.location)}`,
    ),
    ...instance.nics.map((nic, at) => `card ${at}      ${nic.mac}, ${nic.ip ?? 'no address'}`),
    `system      ${instance.os ?? 'none'}`,
  ];
}

/** What the hooks said. */
export function hookLines(events: readonly AnyReport[]): string[] {
  return events.flatMap((event) =>
    event.type === 'hook' ? [`${event.phase} hook   ${event.script}: ${event.output}`] : [],
  );
}

/** Where things are. */
export function placeLines(paths: SitePaths): string[] {
  return [
    `disks          ${paths.disks}`,
    `logs           ${paths.logs}`,
    `configuration  ${paths.configuration}`,
  ];
}

/** What recovery did, if there was anything to do. */
export function recoveryLines({ operations, corrupt }: RecoveryReport): string[] {
  const recovered = operations.flatMap((operation) => [
    `recovered: ${operation.op ?? operation.id}, ${operation.what ?? 'unknown'} (interrupted)`,
    ...operation.undone.map((what) => `  undone: ${what}`),
    ...operation.leaked.map(({ what, reason }) => `  left: ${what}: ${reason}`),
  ]);
  return [...recovered, ...corrupt.map(({ message }) => `damaged: ${message}`)];
}

/** What there is when recovery is over. */
export function stateLines(config: ClusterConfig): string[] {
  const instances = [...config.all('instance')];
  return [
    `instances: ${instances.length}, open reservations: ${config.claimCount}`,
    ...instances.map(({ name, adminState }) => `  ${name}, ${adminState}`),
  ];
}

/** An error, with all that it knows. */
export function errorLines(error: unknown, instanceName: string): string[] {
  if (!LuError.is(error))
    return [`unexpected: ${error instanceof Error ? (error.stack ?? '') : String(error)}`];
  const { code, leaked = [] } = error.toJSON() as { code?: string; leaked?: Leak[] };
  return [
    `${error.name}${code === undefined ? '' : ` (${code})`}: ${error.message}`,
    ...leaked.map(({ what, reason }) => `left behind: ${what}: ${reason}`),
    ...advice(code, instanceName),
  ];
}

interface Leak {
  readonly what: string;
  readonly reason: string;
}

function advice(code: string | undefined, instanceName: string): string[] {
  if (code !== 'already_exists') return [];
  return [
    `To make ${instanceName} again, remove it first: npm start -- --remove`,
    'To make another one, copy the opcode file and change "instanceName".',
  ];
}
