/**
 * The grammar of VLANs, and which cards can have one at all.
 */
import { refuse } from '../../errors.js';
import type { NicMode } from '../../model/nic.js';

/** `.5`, `.5:6:7` (untagged, then trunks) or `:5:6` (trunks only). */
const FORM = /^(\.\d+(:\d+)*|(:\d+)+)$/;

/** VLAN ids that IEEE 802.1Q leaves to users. */
const FIRST = 1;
const LAST = 4094;

/**
 * The VLAN of a card in its full form: a plain number becomes untagged. No VLAN is `undefined`.
 * Routed cards have no link layer for one.
 */
export function readVlan(given: string | undefined, mode: NicMode): string | undefined {
  if (given === undefined || given === '') return undefined;
  const vlan = /^\d+$/.test(given) ? `.${given}` : given;
  if (!FORM.test(vlan)) {
    refuse.input(`'${given}' is no VLAN; write 5, .5, .5:6 or :5:6`);
  }
  if (mode === 'routed') {
    refuse.input(`VLAN '${given}' on a routed network card; leave it out, or choose another mode`);
  }
  for (const id of vlan.split(/[.:]/).filter((part) => part !== '')) {
    if (Number(id) < FIRST || Number(id) > LAST) {
      refuse.input(`VLAN ${id} is out of range; use ${FIRST} to ${LAST}`);
    }
  }
  return vlan;
}
