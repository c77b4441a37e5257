/**
 * The addresses of a wanted card: hardware address and IP address, as texts become values.
 */
import { isIP } from 'node:net';
import { refuse } from '../../errors.js';
import type { NicSpec } from '../wishes.js';

const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;

/** What an address may depend on. */
export interface AddressFacts {
  /** Whether the instance's name is looked up. */
  readonly nameCheck: boolean;
  /** The address that it resolves to. */
  readonly hostIp?: string;
  /** Whether the card is to join a network. */
  readonly networked: boolean;
}

/** An IP address as wanted. */
export function readIp(given: string = 'none', which: string, facts: AddressFacts): NicSpec['ip'] {
  const reader = IP_WORDS[given.toLowerCase()];
  if (reader !== undefined) return reader(which, facts);
  if (isAddress(given)) return { kind: 'given', address: given };
  return refuse.input(`${which}: '${given}' is no IP address; give one, or 'auto' or 'none'`);
}

type IpReader = (which: string, facts: AddressFacts) => NicSpec['ip'];

const IP_WORDS: Readonly<Record<string, IpReader | undefined>> = Object.assign(
  Object.create(null) as Record<string, IpReader>,
  {
    none: () => ({ kind: 'none' }),
    auto: (which, { nameCheck, hostIp }) => {
      if (!nameCheck) {
        refuse.input(`${which} takes the address of the name, but nameCheck is off; turn it on`);
      }
      return hostIp === undefined ? { kind: 'none' } : { kind: 'given', address: hostIp };
    },
    pool: (which, { networked }) => {
      if (networked) return { kind: 'pool' };
      return refuse.input(`${which} takes an address from a pool, but is in no network; name one`);
    },
  } satisfies Record<string, IpReader>,
);

/** Whether the text is an IP address. A zone (`%eth0`) means something on one machine only. */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

/** A hardware address as wanted. */
export function readMac(given: string | undefined, which: string): NicSpec['mac'] {
  if (given === undefined || given === 'auto') return { kind: 'auto' };
  if (given === 'generate') return { kind: 'generate' };
  return { kind: 'given', address: normalMac(given, which) };
}

/** A hardware address in its one spelling (Ganeti's `NormalizeAndValidateMac`). */
export function normalMac(given: string, which: string = 'Network card'): string {
  const address = given.toLowerCase();
  if (!MAC.test(address)) {
    refuse.input(`${which}: '${given}' is no hardware address; write it as aa:00:00:12:34:56`);
  }
  return address;
}
