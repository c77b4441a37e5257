/**
 * The entry `logical-units/ganeti`: Ganeti's wire formats, and what talks them.
 *
 * @packageDocumentation
 */
export { type ProgramAnswer, parseAllocatorAnswer } from './allocator/answer.js';
export type { AllocateInput, LiveNode } from './allocator/input.js';
export { allocateMessage, allocateRequest } from './allocator/message.js';
export {
  ProgramAllocator,
  type ProgramOutput,
  type RunProgram,
} from './allocator/program-allocator.js';
export {
  ALLOCATOR_DIRECTORIES,
  runLocally,
  type RunLocallyOptions,
} from './allocator/run-locally.js';
export { type ConfigObjects } from './config/encode.js';
export { readConfigFile, saveConfigFile } from './config/file.js';
export { type ConfigData, readConfigData } from './config/read.js';
export type { ConfigRest } from './config/rest.js';
export { writeConfigData } from './config/write.js';
export { type GanetiError, ganetiErrorOf } from './errors.js';
export { decodeExport } from './export/decode.js';
export { encodeExport } from './export/encode.js';
export type {
  ExportedDisk,
  ExportedInstance,
  ExportedNic,
  ExportInfo,
} from './export/export-info.js';
export { type IniSections, parseIni } from './export/ini-syntax.js';
export { formatIni } from './export/ini-write.js';
export { runOnMaster, type RunOnMasterOptions } from './node/allocator-runner.js';
export { GanetiNodes, type GanetiNodesOptions } from './node/ganeti-nodes.js';
export {
  type NodeAnswer,
  type NodeCall,
  type NodeCallOptions,
  type NodeTarget,
  type NodeTransport,
  revealArguments,
  type WireObject,
  type WireValue,
} from './node/transport.js';
export { decodeCluster, encodeCluster } from './objects/cluster.js';
export {
  decodeDisk,
  decodeDiskPart,
  encodeDisk,
  type EncodeDiskOptions,
} from './objects/disk.js';
export type { EncodeOptions } from './objects/fields.js';
export { decodeGroup, encodeGroup } from './objects/group.js';
export { decodeInstance, encodeInstance } from './objects/instance.js';
export { decodeNetwork, encodeNetwork } from './objects/network.js';
export { decodeNic, encodeNic } from './objects/nic.js';
export { decodeNode, encodeNode } from './objects/node.js';
export { lockAttemptTimeoutsS } from './lock-attempts.js';
export { type DecodedCreateOp, decodeCreateOp, parseCreateOp } from './opcode/decode.js';
export { encodeCreateOp } from './opcode/encode.js';
export type { OpcodeJob } from './opcode/params.js';
export type { UnsupportedField } from './opcode/unsupported.js';
export { fillDict, type Resets, updatedParams } from './text/dicts.js';
export { matchNameComponent } from './text/names.js';
export { formatSize, type SizeUnit } from './text/units.js';
export {
  type AllowedClient,
  certificateFingerprint,
  formatAllowedClients,
  writeAllowedClients,
} from './transport/allowed-clients.js';
export {
  type CredentialFiles,
  type CredentialTexts,
  type NodeCredentials,
  parseCredentials,
  readCredentials,
} from './transport/credentials.js';
export { HttpsTransport, type HttpsTransportOptions } from './transport/https-transport.js';
export type { JsonObject, JsonValue } from './wire/json.js';
export { decodePolicy, encodePolicy } from './wire/policy.js';
