/**
 * Sets of a network's addresses as Ganeti keeps them: text with a `0` or `1` per address, from the
 * network's own to the broadcast address.
 */
import { formatIpv4, type Ipv4Range, parseIpv4 } from '../../model/ipv4.js';

/** The addresses that the text marks, in order. */
export function decodeBitmap(text: string, { first }: Ipv4Range): string[] {
  const addresses: string[] = [];
  for (let at = text.indexOf('1'); at >= 0; at = text.indexOf('1', at + 1)) {
    addresses.push(formatIpv4(first + at));
  }
  return addresses;
}

/** The text that marks these addresses; those outside of the network have no place in it. */
export function encodeBitmap(addresses: Iterable<string>, { first, last }: Ipv4Range): string {
  const marks = new Set<number>();
  for (const address of addresses) {
    const number = parseIpv4(address);
    if (number !== undefined && number >= first && number <= last) marks.add(number - first);
  }
  const pieces: string[] = [];
  let done = 0;
  for (const at of [...marks].sort((one, other) => one - other)) {
    pieces.push('0'.repeat(at - done), '1');
    done = at + 1;
  }
  return pieces.join('') + '0'.repeat(last - first + 1 - done);
}
