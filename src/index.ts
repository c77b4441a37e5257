/**
 * `logical-units`: the public door. Every name is listed here by hand; what is not listed is not
 * part of the package.
 */

// Writing Logical Units
export {
  type ArgsContext,
  type ConfigWriter,
  type Eventually,
  type ExecContext,
  type Expanded,
  type LocksContext,
  LogicalUnit,
  type NamesContext,
  parseOp,
  type Phases,
  type PrereqContext,
  WithJobs,
} from './lu-base.js';
export {
  checkFreeMemory,
  checkPrimaryOnline,
  existingInstanceEnv,
  expandInstance,
  instanceNodes,
  instanceNodesWant,
  type InstanceTarget,
  isRunning,
  lockedInstance,
  lockInstance,
  type MemoryNeed,
  primaryNodeWant,
  runtimeOf,
  stopGuest,
  throwIfCancelled,
} from './lu-helpers.js';
export { type InstanceHooks, instanceHooks, onAllNodes } from './lus/instance-hooks.js';
export {
  DEFAULT_GRACE_MS,
  type InstanceOp,
  instanceOpFields,
  type InstancePhases,
  milliseconds,
} from './lus/instance-op.js';
export {
  checkTasklets,
  execTasklets,
  type Tasklet,
  type TaskletList,
  type TaskletPlans,
  type TaskletResults,
} from './tasklet.js';
export {
  Cancelled,
  ConfigError,
  type ConfigErrorCode,
  type ErrorSubject,
  ExecError,
  type HookFailure,
  HooksAborted,
  HooksFailed,
  type Leak,
  type LockBlocker,
  LockOrderError,
  LockLost,
  LockTimeout,
  isLockLost,
  isTemporaryShortage,
  LuError,
  type LuErrorKind,
  type LuErrorOptions,
  type PrereqCode,
  PrereqError,
  ProgrammerError,
  refuse,
  ResultError,
  TemporaryShortage,
} from './errors.js';

// Running them
export {
  type FromConfig,
  openCluster,
  OpenCluster,
  type OpenClusterOptions,
  type RecoverClusterOptions,
} from './open-cluster.js';
export { type Preview, Processor, type RunOptions } from './processor.js';
export type { Host } from './host.js';
export { type AnyReport, type ReportListener, Reports } from './reports.js';
export {
  type Compatibility,
  DEFAULT_COMPATIBILITY,
  GANETI_COMPATIBILITY,
} from './compatibility.js';

// Locks
export {
  BIG_LOCK,
  LOCK_LEVELS,
  type LockLevel,
  type LockMode,
  type LockName,
  type PlannedLevel,
  WHOLE_SET,
} from './model/lock.js';
export {
  adding,
  available,
  everyone,
  exclusive,
  type HeldLocks,
  type LockPlan,
  type LockWant,
  type NarrowableLocks,
  shared,
  type WantAll,
  type WantAvailable,
  type WantNames,
} from './locks/plan.js';
export { MemoryLockManager, type MemoryLockOptions } from './locks/manager.js';
export type { KnownNames } from './locks/resolver.js';
export {
  type AvailableWait,
  type LockHolder,
  type LockManager,
  type LockReport,
  type LockRequest,
  type LockStatus,
  type LockUnit,
  type LockWait,
  ownerId,
  type OwnerId,
  type PendingRequest,
  type TakeOver,
} from './ports/lock-manager.js';
export type { FenceSource, LockFence } from './ports/fence.js';
export {
  type FencedLock,
  locksOfFence,
  type OutdatedLock,
  SeenFences,
} from './ports/seen-fences.js';
export { isSharedStore, type SharedStore, shareStore } from './ports/shared-store.js';
export { type Membership, MEMBERS_PREFIX } from './ports/membership.js';

// Hooks
export { hookEnvironment, type HookSituation, pythonText } from './hooks/env.js';
export { type HookDisk, type HookInstance, instanceEnv } from './hooks/instance-env.js';
export {
  DEFAULT_HOOK_POLICY,
  GANETI_HOOK_POLICY,
  type HookPolicy,
  type HookReaction,
} from './hooks/policy.js';
export { type HookRun, runHooks } from './hooks/runner.js';
export type {
  HookEnv,
  HookNodeLists,
  HookObjectType,
  HookPhase,
  HookReport,
  HookReportRow,
  HookSpec,
  HookView,
} from './hooks/spec.js';

// Configuration
export {
  initConfig,
  type InitConfigOptions,
  openConfig,
  type OpenConfigOptions,
} from './config/cluster-config.js';
export { MemoryKvStore } from './config/memory-kv-store.js';
export type { ClusterConfig } from './config/stored-config.js';

// Undo
export { Journal, type JournalOptions, type RecoveryScope } from './journal/journal.js';
export {
  type FailurePolicy,
  type JournalSubject,
  OperationJournal,
  type PreparedRecords,
} from './journal/operation-journal.js';
export {
  recover,
  type RecoveredOperation,
  type RecoverOptions,
  type RecoveryReport,
} from './journal/recover.js';
export type { Undone, UndoRetry } from './journal/unwind.js';

// Operations
export { MostFreeAllocator } from './allocators/most-free.js';
export { type CreatePhases, LUInstanceCreate } from './instance-create/lu-instance-create.js';
export {
  type CreateMode,
  type CreateOp,
  createOpSchema,
  type DiskRequest,
  type NicRequest,
} from './instance-create/op.js';
export type { GivenDisk } from './instance-create/args/disk-params.js';
export type { Imported, Sender, SourceArgs } from './instance-create/source/source-data.js';
export type {
  AdoptedVolume,
  CreateArgs,
  CreateNames,
  CreatePlan,
  CreateResult,
  PlannedNode,
  PlannedNodes,
  PlannedRequest,
  PlannedSteps,
  ProvisionKind,
} from './instance-create/types.js';
export type {
  DiskSpec,
  InstanceHost,
  NicSpec,
  NodeById,
  NodeByName,
  NodeRef,
  Origin,
  OsSpec,
  PlacedBefore,
  PlacedByAllocator,
  PlacedByOperator,
  Placement,
  StorageSpec,
  WantedChecks,
} from './instance-create/wishes.js';
export { instanceUndoActions } from './instance-create/undo-actions.js';
export {
  LUInstanceRemove,
  type RemoveOp,
  type RemovePhases,
  type RemovePlan,
} from './lus/instance-remove.js';
export { LUBackupExport } from './lus/backup-export.js';
export type { ExportOp, ExportPhases, ExportPlan, ExportResult } from './lus/export/types.js';
export {
  LUInstanceStart,
  type StartOp,
  type StartPhases,
  type StartPlan,
} from './lus/instance-start.js';
export {
  LUInstanceStop,
  type StopOp,
  type StopPhases,
  type StopPlan,
} from './lus/instance-stop.js';

// Hypervisors
export { allHypervisors } from './hypervisors/all.js';
export { chrootHypervisor } from './hypervisors/chroot.js';
export { fakeHypervisor } from './hypervisors/fake.js';
export { kvmHypervisor } from './hypervisors/kvm.js';
export { lxcHypervisor } from './hypervisors/lxc.js';
export { xenHvmHypervisor } from './hypervisors/xen-hvm.js';
export { xenPvmHypervisor } from './hypervisors/xen-pvm.js';

// The domain
export { BE_DEFAULTS, BE_PARAMS, type BeParams } from './model/be-params.js';
export {
  type Cluster,
  type EntityKind,
  type EntityTypes,
  FIRST_PORT,
  LAST_PORT,
} from './model/cluster.js';
export {
  DISK_TEMPLATE_FACTS,
  DISK_TEMPLATES,
  type DiskTemplate,
  type DiskTemplateFacts,
} from './model/disk-template.js';
export {
  type Disk,
  type DiskLocation,
  type DiskMode,
  type DiskPart,
  type DeviceLocation,
  type ExtLocation,
  type FileDriver,
  type FileLocation,
  MAX_DISKS,
  type MirrorLocation,
  pathOf,
  placeOf,
  type RbdLocation,
  type VolumeLocation,
} from './model/disk.js';
export {
  fillBeParams,
  fillHvParams,
  fillNicParams,
  fillOsParams,
  fillPlainHvParams,
  fillPolicy,
  osBaseName,
} from './model/fill.js';
export { HYPERVISOR_PARAMS } from './model/hypervisor-params.js';
export {
  HYPERVISOR_FACTS,
  HYPERVISOR_NAMES,
  type HypervisorFacts,
  type HypervisorName,
} from './model/hypervisor.js';
export type { DiskId, GroupId, InstanceId, NetworkId, NicId, NodeId, Stored } from './model/ids.js';
export type { AdminState, AdminStateSource, Instance } from './model/instance.js';
export {
  type InstancePolicy,
  type InstanceSpec,
  POLICY_DEFAULTS,
  type SpecRange,
} from './model/ipolicy.js';
export type { Network } from './model/network.js';
export { newCluster, newGroup, newNode } from './model/new-objects.js';
export {
  MAX_NICS,
  type Nic,
  NIC_DEFAULTS,
  NIC_MODES,
  type NicMode,
  type NicParams,
} from './model/nic.js';
export type { AllocPolicy, Node, NodeGroup } from './model/node.js';
export {
  coerceParam,
  fill,
  type OsParamValue,
  type Params,
  type ParamSpec,
  type ParamTable,
  type ParamType,
  type ParamValue,
  toSizeMib,
} from './model/params.js';
export { Secret } from './model/secret.js';

// Ports
export type {
  AllocationDisk,
  AllocationAnswer,
  AllocationRequest,
  AllocationView,
  Allocator,
} from './ports/allocator.js';
export {
  type CapacityClaim,
  type CapacityClaims,
  type ClaimedByOthers,
  type ClaimMemory,
  claimedOn,
  type Room,
} from './ports/capacity.js';
export { type Clock, type Ids, sleep, type Timer } from './ports/clock.js';
export type {
  ClaimIpOptions,
  DrawPortOptions,
  CommitOptions,
  ConfigDraft,
  ConfigReader,
  ConfigStore,
  OwnedReservations,
  Reservations,
  UniqueKind,
} from './ports/config-store.js';
export type {
  ExportDescription,
  ExportedDiskFacts,
  ExportedNicFacts,
  ExportFormat,
  ExportRecord,
  ExportWriter,
  RecordedDisk,
} from './ports/export-format.js';
export type { HookNodes, HookScriptResult } from './ports/hook-node.js';
export type { Hypervisor } from './ports/hypervisor.js';
export type { JobRequest, JobSubmitter } from './ports/job-submitter.js';
export type {
  DeferredUndo,
  JsonValue,
  UndoAction,
  UndoContext,
  UndoEntry,
  UndoRegistry,
  UndoStack,
} from './ports/journal.js';
export {
  isOutcomeUnknown,
  type KvChange,
  type KvCompare,
  type KvEntry,
  type KvOp,
  type KvStore,
  type KvTxnResult,
} from './ports/kv-store.js';
export type { NameResolver, ResolvedHost } from './ports/name-resolver.js';
export type { CallOptions, CallProgress, NothingMore } from './ports/call.js';
export type { DiskCommands, DisksOf } from './ports/disk-commands.js';
export { type ExportCommands, partialExportName } from './ports/exports.js';
export { LimitedNodeRpc, type OptionalCall } from './ports/limited-node-rpc.js';
export type {
  NodeCommands,
  NodeQueries,
  NodeRpc,
  OsCommands,
  PowerCommands,
} from './ports/node-rpc.js';
export type {
  FileFacts,
  InstanceStatus,
  MirrorStatus,
  NodeFacts,
  OsFacts,
  OsRun,
  StorageSpace,
  StorageUnit,
  VolumeFacts,
} from './ports/node-facts.js';
export {
  answered,
  failed,
  type Replies,
  type Reply,
  type ReplyFailed,
  type ReplyFailure,
  type ReplyOk,
  unwrap,
} from './ports/reply.js';
export type { PhaseName, PlacementRung, Reporter, ReportEvents } from './ports/reporter.js';
export type { OsParams, RuntimeInstance, RuntimeNic } from './ports/runtime.js';
export type { DownloadSize } from './ports/download-size.js';
export { DEFAULT_SITE, type Site } from './ports/site.js';
export type {
  RemoteDisk,
  RemoteImportOffer,
  TransferCommands,
  TransferEnd,
  TransferOptions,
  TransferQueries,
  TransferStart,
  TransferStatus,
} from './ports/transfer.js';
