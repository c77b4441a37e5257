/**
 * A base for nodes that can do some things only: what a subclass does not override is refused, as a
 * value, by a message that names the call.
 */
import type { NodeId } from '../model/ids.js';
import type { NodeRpc } from './node-rpc.js';
import { failed, type Replies, type Reply } from './reply.js';

/**
 * Calls that not every kind of node knows.
 * @public
 */
export type OptionalCall =
  | 'allInstances'
  | 'volumeGroups'
  | 'volumes'
  | 'deviceSizes'
  | 'fileFacts'
  | 'mirrorStatus'
  | 'listExports'
  | 'exportInfo'
  | 'transferStatus'
  | 'imageDisk'
  | 'pauseSync'
  | 'renameVolumes'
  | 'assembleDisk'
  | 'shutdownDisk'
  | 'exportOs'
  | 'publishMetadata'
  | 'startImport'
  | 'startExport'
  | 'abortTransfer'
  | 'cleanTransfer'
  | 'createCertificate'
  | 'removeCertificate'
  | 'snapshotDisk'
  | 'finalizeExport'
  | 'removeExport';

/**
 * Nodes that refuse what they cannot do.
 * @public
 */
export class LimitedNodeRpc implements Pick<NodeRpc, OptionalCall> {
  /** Refused. */
  readonly allInstances: NodeRpc['allInstances'] = (nodes) => refuseAll(nodes, 'allInstances');
  /** Refused. */
  readonly volumeGroups: NodeRpc['volumeGroups'] = () => refuse('volumeGroups');
  /** Refused. */
  readonly volumes: NodeRpc['volumes'] = () => refuse('volumes');
  /** Refused. */
  readonly deviceSizes: NodeRpc['deviceSizes'] = () => refuse('deviceSizes');
  /** Refused. */
  readonly fileFacts: NodeRpc['fileFacts'] = () => refuse('fileFacts');
  /** Refused. */
  readonly mirrorStatus: NodeRpc['mirrorStatus'] = () => refuse('mirrorStatus');
  /** Refused. */
  readonly listExports: NodeRpc['listExports'] = (nodes) => refuseAll(nodes, 'listExports');
  /** Refused. */
  readonly exportInfo: NodeRpc['exportInfo'] = () => refuse('exportInfo');
  /** Refused. */
  readonly transferStatus: NodeRpc['transferStatus'] = () => refuse('transferStatus');
  /** Refused. */
  readonly imageDisk: NodeRpc['imageDisk'] = () => refuse('imageDisk');
  /** Refused. */
  readonly pauseSync: NodeRpc['pauseSync'] = () => refuse('pauseSync');
  /** Refused. */
  readonly renameVolumes: NodeRpc['renameVolumes'] = () => refuse('renameVolumes');
  /** Refused. */
  readonly assembleDisk: NodeRpc['assembleDisk'] = () => refuse('assembleDisk');
  /** Refused. */
  readonly shutdownDisk: NodeRpc['shutdownDisk'] = () => refuse('shutdownDisk');
  /** Refused. */
  readonly exportOs: NodeRpc['exportOs'] = () => refuse('exportOs');
  /** Refused. */
  readonly publishMetadata: NodeRpc['publishMetadata'] = () => refuse('publishMetadata');
  /** Refused. */
  readonly startImport: NodeRpc['startImport'] = () => refuse('startImport');
  /** Refused. */
  readonly startExport: NodeRpc['startExport'] = () => refuse('startExport');
  /** Refused. */
  readonly abortTransfer: NodeRpc['abortTransfer'] = () => refuse('abortTransfer');
  /** Refused. */
  readonly cleanTransfer: NodeRpc['cleanTransfer'] = () => refuse('cleanTransfer');
  /** Refused. */
  readonly createCertificate: NodeRpc['createCertificate'] = () => refuse('createCertificate');
  /** Refused. */
  readonly removeCertificate: NodeRpc['removeCertificate'] = () => refuse('removeCertificate');
  /** Refused. */
  readonly snapshotDisk: NodeRpc['snapshotDisk'] = () => refuse('snapshotDisk');
  /** Refused. */
  readonly finalizeExport: NodeRpc['finalizeExport'] = () => refuse('finalizeExport');
  /** Refused. */
  readonly removeExport: NodeRpc['removeExport'] = () => refuse('removeExport');
}

function refuse(call: OptionalCall): Promise<Reply<never>> {
  return Promise.resolve(failed(`these nodes do not know the call ${call}`));
}

async function refuseAll(
  nodes: readonly NodeId[],
  call: OptionalCall,
): Promise<Replies<NodeId, never>> {
  const reply = await refuse(call);
  return new Map(nodes.map((id) => [id, reply]));
}
