/**
 * `logical-units/testing`: a cluster in memory with a driven clock, and the contract suite of each
 * port. Needs no test runner of its own.
 */
export { type AllocatorFixture, allocatorContract } from './contracts/allocator.js';
export { type ClockFixture, clockContract } from './contracts/clock.js';
export { type ConfigStoreContract, configStoreContract } from './contracts/config-store.js';
export type { ConfigStoreFixture, ConfigWorld } from './contracts/config-world.js';
export type { ContractFixture, PortContract } from './contracts/declare.js';
export { exportContract, type ExportingFixture } from './contracts/exports.js';
export {
  type ContractHook,
  hookNodesContract,
  type HookNodesFixture,
} from './contracts/hook-nodes.js';
export { hypervisorContract, type HypervisorFixture } from './contracts/hypervisor.js';
export { idsContract, type IdsFixture } from './contracts/ids.js';
export { type JournalContract, journalContract } from './contracts/journal.js';
export type { JournalFixture } from './contracts/journal-world.js';
export {
  type KvStoreContract,
  kvStoreContract,
  type KvStoreFixture,
} from './contracts/kv-store.js';
export {
  type LockManagerContract,
  lockManagerContract,
  type LockManagerFixture,
  type SharedLocksFixture,
} from './contracts/lock-manager.js';
export { nameResolverContract, type NameResolverFixture } from './contracts/name-resolver.js';
export {
  type NodeRpcContract,
  nodeRpcContract,
  type NodeRpcFixture,
} from './contracts/node-rpc.js';
export {
  type ExportFixture,
  transferContract,
  type TransferFixture,
} from './contracts/transfers.js';
export { type Fault, type FaultKind, FaultPlan } from './faults.js';
export { makeCluster, makeDisk, makeGroup, makeInstance, makeNode, nodeIdOf } from './make.js';
export { ManualClock } from './manual-clock.js';
export { SeededIds } from './seeded-ids.js';
export { StubHypervisor } from './stub-hypervisor.js';
export type { StubNodeState } from './stub-node-state.js';
export type { StubHook } from './stub-hooks.js';
export { StubNodes, type StubNodesOptions } from './stub-nodes.js';
export { StubResolver } from './stub-resolver.js';
export {
  type StubDaemon,
  StubTransfers,
  type StubTransfersOptions,
  type TransferCall,
} from './stub-transfers.js';
export { TestCluster, type TestClusterOptions, type TestInstance } from './test-cluster.js';
export { transcriptLine } from './transcript.js';
