/**
 * The grammar of VLANs, and which cards can have one at all.
 */
import { refuse } from '../../errors.js';
import type { NicMode } from '../../model/nic.js';
import type { OddRequests } from './odd-requests.js';

/** `.5`, `.5:6:7` (untagged, then trunks) or `:5:6` (trunks only). */
const FORM = /^[.:]\d+(:\d+)*$/;

/** VLAN ids that IEEE 802.1Q leaves to users. */
const FIRST = 1;
const LAST = 4094;

/**
 * The VLAN of a card in its full form: a plain number becomes untagged. No VLAN is `undefined`.
 * Ganeti looks at the form only (`_CheckVLANArguments`).
 */
export function readVlan(given: string | undefined, oddRequests: OddRequests): string | undefined {
  if (given === undefined || given === '') return undefined;
  const vlan = /^\d+$/.test(given) ? `.${given}` : given;
  if (!FORM.test(vlan)) {
    refuse.input(`'${given}' is no VLAN; write 5, .5, .5:6 or :5:6`);
  }
  if (oddRequests === 'refused') checkRange(vlan);
  return vlan;
}

function checkRange(vlan: string): void {
  for (const id of vlan.split(/[.:]/).filter((part) => part !== '')) {
    if (Number(id) < FIRST || Number(id) > LAST) {
      refuse.input(`VLAN ${id} is out of range; use ${FIRST} to ${LAST}`);
    }
  }
}

/** Routed cards have no link layer for a VLAN. Ganeti accepts one, and ignores it. */
export function refuseRoutedVlan(vlan: string | undefined, mode: NicMode): void {
  if (vlan === undefined || mode !== 'routed') return;
  const asked = vlan.replace(/^\.(?=\d+$)/, '');
  refuse.input(`VLAN '${asked}' on a routed network card; leave it out, or choose another mode`);
}
