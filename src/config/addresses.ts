/**
 * Addresses in one spelling each: what the uniqueness of addresses rests on. Pure.
 */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** Whether the text is an IPv4 or IPv6 address. */
export function isAddress(text: string): boolean {
  return isIPv4(text) || isIPv6(text);
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
