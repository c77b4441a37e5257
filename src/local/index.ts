/**
 * One machine without a daemon: disks as files, OS definitions, hook directories, the fake
 * hypervisor and QEMU, and the machine's own clock, randomness and host names.
 */
export type { HookDirectoriesOptions, HookRequest } from './hook-dirs/hook-directories.js';
export { HookDirectories } from './hook-dirs/hook-directories.js';
export type { FakeHypervisorOptions } from './hypervisors/fake-hypervisor.js';
export { FakeHypervisor } from './hypervisors/fake-hypervisor.js';
export type { LocalCall, LocalHypervisor, LocalStop } from './hypervisors/local-hypervisor.js';
export type { MemorySource } from './hypervisors/startup-memory.js';
export type { HttpSizeOptions } from './http-size.js';
export { httpSize } from './http-size.js';
export { LocalNode } from './local-node.js';
export type { LocalNodeOptions } from './local-node-options.js';
export type { MachineMemory } from './node-facts/memory.js';
export type { OsDefinitionsOptions, OsDiagnosis } from './os/os-definitions.js';
export { OsDefinitions } from './os/os-definitions.js';
export { OS_SEARCH_PATH } from './os/search.js';
export type { QemuNetwork } from './qemu/cards.js';
export type { QemuAccelerator } from './qemu/command-line.js';
export { findQemu } from './qemu/program.js';
export type { QemuOptions } from './qemu/qemu-hypervisor.js';
export { QemuHypervisor } from './qemu/qemu-hypervisor.js';
export { systemIds } from './random-ids.js';
export { staticResolver } from './resolver/static-resolver.js';
export type { SystemNames, SystemResolverOptions } from './resolver/system-resolver.js';
export { systemResolver } from './resolver/system-resolver.js';
export type { Allocation } from './storage/allocate.js';
export type { FileStorageOptions } from './storage/file-storage.js';
export { FileStorage } from './storage/file-storage.js';
export type { WipeRequest } from './storage/disk-file.js';
export { LocalTransfers } from './transfers/local-transfers.js';
export { systemClock } from './system-clock.js';
