/**
 * Pools of addresses. Ours do not hold what cards have: that is asked of the caller.
 */
import { decodeBitmap, encodeBitmap } from '../../../src/ganeti/objects/bitmap.js';
import { isAddress } from '../../../src/instance-create/args/nic-address.js';
import { type AddressPool, lowestFree, placeIn, poolOf } from '../../../src/model/address-pool.js';
import { formatIpv4, parseCidr, parseIpv4 } from '../../../src/model/ipv4.js';
import { type FunctionArgs, type FunctionTable, ToldAs } from './types.js';

interface Recorded {
  readonly pool: AddressPool;
  /** What instances have. */
  readonly taken: ReadonlySet<string>;
}

/** The functions. */
export const TABLE: FunctionTable = {
  'AddressPool.GenerateFree': (args) => free(recorded(args))[0] ?? refuse('the pool is full'),
  'AddressPool.IsFull': (args) => free(recorded(args)).length === 0,
  'AddressPool.GetFreeCount': (args) => free(recorded(args)).length,
  'AddressPool.GetReservedCount': (args) => {
    const { pool, taken } = recorded(args);
    return pool.range.last - pool.range.first + 1 - free({ pool, taken }).length;
  },
  'AddressPool.GetMap': (args) => {
    const { range } = recorded(args).pool;
    const marks = encodeBitmap(free(recorded(args)), range);
    return marks.replaceAll('0', 'X').replaceAll('1', '.');
  },
  'AddressPool.Contains': (args) => placeOf(args) !== 'outside',
  'AddressPool.IsReserved': (args) => {
    placeInside(args);
    return recorded(args).taken.has(args.get('ip')) ? 1 : 0;
  },
  'AddressPool.IsReserved.external': (args) => (placeInside(args) === 'reserved' ? 1 : 0),
  'AddressPool.Reserve': (args) => {
    placeInside(args);
    const { pool, taken } = recorded(args);
    const ip = args.get<string>('ip');
    if (taken.has(ip)) refuse('the address is taken');
    return encodeBitmap([...taken, ip], pool.range);
  },
};

function recorded(args: FunctionArgs): Recorded {
  const cidr = args.get<string>('network');
  const range = parseCidr(cidr);
  const reservedIps = decodeBitmap(args.maybe('ext_reservations') ?? '', range);
  const taken = new Set(decodeBitmap(args.maybe('reservations') ?? '', range));
  return { pool: poolOf({ cidr, reservedIps }), taken };
}

/** All free addresses, lowest first. */
function free({ pool, taken }: Recorded): readonly string[] {
  const found: string[] = [];
  const isTaken = (address: number): boolean => taken.has(formatIpv4(address));
  for (let next = lowestFree(pool, isTaken); next !== undefined; ) {
    found.push(formatIpv4(next));
    next = lowestFree(pool, isTaken, next + 1);
  }
  return found;
}

/** Requests are checked for their form before a pool is asked. */
function placeOf(args: FunctionArgs): ReturnType<typeof placeIn> {
  const ip = args.get<string>('ip');
  if (!isAddress(ip) || parseIpv4(ip) === undefined) throw new Error('no address');
  return placeIn(recorded(args).pool, ip);
}

function placeInside(args: FunctionArgs): ReturnType<typeof placeIn> {
  const place = placeOf(args);
  return place === 'outside' ? refuse('the address is outside') : place;
}

function refuse(message: string): never {
  throw new ToldAs('AddressPoolError', message);
}
