/**
 * IPv4 addresses and networks as numbers. Pure.
 */
import { isIPv4 } from 'node:net';
import { refuse } from '../errors.js';

/** An IPv4 network as a range of numbers. */
export interface Ipv4Range {
  /** The network's own address. */
  readonly first: number;
  /** The broadcast address. */
  readonly last: number;
}

/** The address as a number; `undefined` if it is no IPv4 address. */
export function parseIpv4(text: string): number | undefined {
  if (!isIPv4(text)) return undefined;
  return text.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

/** A number as an address. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** The range of a network in CIDR form; throws `PrereqError` `wrong_input` if it is none. */
export function parseCidr(cidr: string): Ipv4Range {
  const [, address = '', digits = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(cidr) ?? [];
  const base = parseIpv4(address);
  const bits = Number(digits);
  if (base === undefined || digits === '' || bits > 32) {
    refuse.input(`'${cidr}' is no IPv4 network; write it like 192.0.2.0/24`);
  }
  const size = 2 ** (32 - bits);
  const first = base - (base % size);
  return { first, last: first + size - 1 };
}
