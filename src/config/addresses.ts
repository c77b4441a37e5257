/**
 * Addresses as numbers and in one spelling each: what the address pool and the uniqueness of
 * addresses rest on. Pure.
 */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';
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

/** Whether the text is an IPv4 or IPv6 address. */
export function isAddress(text: string): boolean {
  return isIPv4(text) || isIPv6(text);
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

/**
 * The one spelling of an address: IPv6 addresses have many. What is no address stays as it is, so
 * that data which came from elsewhere can still be compared.
 */
export function canonicalAddress(address: string): string {
  if (!address.includes(':')) return address;
  const [bare = ''] = address.split('%');
  if (!isIPv6(bare)) return address.toLowerCase();
  return new SocketAddress({ address: bare, family: 'ipv6' }).address;
}
