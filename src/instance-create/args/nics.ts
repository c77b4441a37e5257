/**
 * Understands the network cards that are asked for. What depends on other instances (is the address
 * free?) is looked at later, under locks.
 */
import { isIP } from 'node:net';
import { refuse } from '../../errors.js';
import { MAX_NICS, type NicMode, type NicParams } from '../../model/nic.js';
import type { NicRequest } from '../op.js';
import type { NicSpec } from '../types.js';
import { deviceNames } from './device-names.js';
import { readVlan } from './vlan.js';

const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;

/** The cards as wanted. `defaults` are the cluster's card parameters. */
export function readNics(
  requests: readonly NicRequest[],
  defaults: NicParams,
  nameCheck: boolean,
): readonly NicSpec[] {
  if (requests.length > MAX_NICS) {
    refuse.input(`${requests.length} network cards are too many; ${MAX_NICS} are allowed`);
  }
  const names = deviceNames(
    'network card',
    requests.map(({ name }) => name),
  );
  return requests.map((request, index) => {
    const name = names[index];
    const spec = readNic(request, `Network card ${index}`, defaults, nameCheck);
    return name === undefined ? spec : { ...spec, name };
  });
}

function readNic(
  request: NicRequest,
  which: string,
  defaults: NicParams,
  nameCheck: boolean,
): NicSpec {
  const asked = request.mode === 'auto' ? defaults.mode : request.mode;
  const mode = asked ?? defaults.mode;
  const link = readLink(request, which, mode);
  const vlan = readVlan(request.vlan, mode);
  const ip = readIp(request.ip, which, nameCheck);
  if (mode === 'routed' && ip.kind === 'none') {
    refuse.input(`${which} is routed, so it needs an address; give one as its ip`);
  }
  if (mode === 'bridged' && (link ?? defaults.link) === '') {
    refuse.input(`${which} is bridged, so it needs a bridge; give one as its link`);
  }
  return {
    mac: readMac(request.mac, which),
    ip,
    params: {
      ...(asked === undefined ? {} : { mode: asked }),
      ...(link === undefined ? {} : { link }),
      ...(vlan === undefined ? {} : { vlan }),
    },
  };
}

function readLink({ link, bridge }: NicRequest, which: string, mode: NicMode): string | undefined {
  if (bridge !== undefined && mode !== 'bridged') {
    refuse.input(`${which} is ${mode}, so it has no bridge; give a link instead`);
  }
  if (bridge !== undefined && link !== undefined && bridge !== link) {
    refuse.input(`${which} has both link '${link}' and bridge '${bridge}'; give one of them`);
  }
  const chosen = link ?? bridge;
  return chosen === '' ? undefined : chosen;
}

function readIp(given: string | undefined, which: string, nameCheck: boolean): NicSpec['ip'] {
  switch (given?.toLowerCase()) {
    case undefined:
    case 'none':
      return { kind: 'none' };
    case 'auto':
      if (!nameCheck) {
        refuse.input(`${which} takes the address of the name, but nameCheck is off; turn it on`);
      }
      return { kind: 'of-name' };
    case 'pool':
      return refuse.input(`${which} takes an address from a pool, but is in no network`);
    default:
      return { kind: 'given', address: checkedIp(given ?? '', which) };
  }
}

function checkedIp(given: string, which: string): string {
  // A zone (`%eth0`) means something on one machine only.
  if (isIP(given) === 0 || given.includes('%')) {
    refuse.input(`${which}: '${given}' is no IP address; give one, or 'auto' or 'none'`);
  }
  return given.toLowerCase();
}

function readMac(given: string | undefined, which: string): NicSpec['mac'] {
  if (given === undefined || given === 'auto' || given === 'generate') return { kind: 'draw' };
  const address = given.toLowerCase();
  if (!MAC.test(address)) {
    refuse.input(`${which}: '${given}' is no hardware address; write it as aa:00:00:12:34:56`);
  }
  return { kind: 'given', address };
}
