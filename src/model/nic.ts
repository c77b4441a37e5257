/**
 * Network cards: what the cluster knows of an instance's connections.
 */
import { refuse } from '../errors.js';
import type { NetworkId, NicId } from './ids.js';

/**
 * How a card is connected on its node (Ganeti's `NIC_VALID_MODES` but for `pool`, which is a
 * request, not a state).
 * @public
 */
export type NicMode = 'bridged' | 'routed' | 'openvswitch';

/**
 * All modes.
 * @public
 */
export const NIC_MODES: readonly NicMode[] = ['bridged', 'routed', 'openvswitch'];

/**
 * How and where a card is connected.
 * @public
 */
export interface NicParams {
  /** Kind of connection. */
  readonly mode: NicMode;
  /** The bridge, switch or routing table. */
  readonly link: string;
  /** VLAN: empty, `.5` (untagged), `.5:10` (untagged and trunks) or `:5:10` (trunks). */
  readonly vlan: string;
}

/**
 * What a new cluster starts with (Ganeti's `NICC_DEFAULTS`).
 * @public
 */
export const NIC_DEFAULTS: NicParams = { mode: 'bridged', link: 'xen-br0', vlan: '' };

/**
 * Throws `PrereqError` `wrong_input` about `nic-parameters` if no card can have these parameters
 * (Ganeti's `NIC.CheckParameterSyntax`). `which` names the card in the message.
 */
export function checkNicParams(params: NicParams, which: string): void {
  const about = 'nic-parameters';
  if (!NIC_MODES.includes(params.mode)) {
    refuse.input(`${which}: '${params.mode}' is no mode; use one of: ${NIC_MODES.join(', ')}`, {
      about,
    });
  }
  if (params.mode === 'bridged' && params.link === '') {
    refuse.input(`${which} is bridged, so it needs a bridge; give one as its link`, { about });
  }
}

/**
 * A network card of an instance.
 * @public
 */
export interface Nic {
  /** The card's UUID. */
  readonly id: NicId;
  /** A name given by the operator. */
  readonly name?: string;
  /** Hardware address, lower case, six pairs of digits. */
  readonly mac: string;
  /** Address of the guest, if the cluster knows it. */
  readonly ip?: string;
  /** The network that the card belongs to. */
  readonly networkId?: NetworkId;
  /** What differs from the cluster's card parameters. */
  readonly params: Partial<NicParams>;
}

/**
 * Most cards that an instance may have (Ganeti's `MAX_NICS`).
 * @public
 */
export const MAX_NICS = 8;
