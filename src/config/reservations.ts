/**
 * Claims that operations make while they plan. They lie in tables of their own beside what objects
 * have taken, so that "is it free" is one look-up for everybody, and go when the operation ends.
 *
 * R1 What is reserved or taken cannot be reserved, not even by the same operation: a second card
 *    with the same address is as wrong as a second instance.
 * R2 Release drops what this set claimed, and nothing else.
 * R3 Room on nodes is taken at once here, so that nobody in this process has to wait for the store
 *    to choose with it in mind, and given back if another process was faster to publish its own.
 */
import { type PrereqCode, PrereqError, ProgrammerError, refuse } from '../errors.js';
import type { NetworkId, NodeId } from '../model/ids.js';
import type { Network } from '../model/network.js';
import { Secret } from '../model/secret.js';
import type { CapacityClaim, ClaimedByOthers, ClaimMemory } from '../ports/capacity.js';
import type { Ids } from '../ports/clock.js';
import type {
  DrawPortOptions,
  ClaimIpOptions,
  OwnedReservations,
  UniqueKind,
} from '../ports/config-store.js';
import type { FenceSource } from '../ports/fence.js';
import { isAddress } from './addresses.js';
import { memoryOnly } from './capacity.js';
import type { Publication } from './claim-batch.js';
import type { ClaimPublisher } from './claim-publisher.js';
import { lowestFreePort } from './console-ports.js';
import { type Claim, INDEX_WORDS, spelling } from './facts.js';
import type { Tables } from './tables.js';
import type { Turnstile } from './turnstile.js';

/** How often a random address is drawn before the prefix counts as used up (Ganeti's 64). */
const DRAWS = 64;

const MAC_FORM = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;
const MAC_PREFIX_FORM = /^[0-9a-f]{2}(:[0-9a-f]{2}){2}$/i;

/** Where claims are made. */
export interface ClaimSite {
  readonly tables: Tables;
  readonly ids: Ids;
  readonly publisher: ClaimPublisher;
  /** Where places are chosen one at a time. */
  readonly choosing: Turnstile;
}

/** Room that was taken. */
interface Taken {
  /** What was claimed before. */
  readonly former: readonly CapacityClaim[];
  readonly seen: ClaimedByOthers;
}

/** The claims of one operation. */
export class Claims implements OwnedReservations {
  readonly #owner: string;
  readonly #tables: Tables;
  readonly #ids: Ids;
  readonly #publisher: ClaimPublisher;
  readonly #choosing: Turnstile;
  #held: Claim[] = [];
  /** What still runs after its attempt has ended, because it ignores signals, claims no more. */
  #ended = false;
  /** The room that was taken and is not confirmed yet. */
  #taken: Taken | undefined;

  constructor(owner: string, site: ClaimSite) {
    this.#owner = owner;
    this.#tables = site.tables;
    this.#ids = site.ids;
    this.#publisher = site.publisher;
    this.#choosing = site.choosing;
  }

  /** How many claims are held. */
  get size(): number {
    return this.#held.length;
  }

  /** Draws a hardware address. */
  drawMac(prefix: string = this.#tables.cluster().macPrefix): string {
    if (!MAC_PREFIX_FORM.test(prefix)) {
      refuse.input(`'${prefix}' is no prefix of hardware addresses; write it like aa:00:00`);
    }
    const mac = this.#draw('mac', () => {
      const tail = this.#ids.hex(3);
      return `${prefix}:${tail.slice(0, 2)}:${tail.slice(2, 4)}:${tail.slice(4, 6)}`.toLowerCase();
    });
    return mac ?? refuse.resources(`The prefix ${prefix} has hardly a free address; use another`);
  }

  /** Claims a hardware address. */
  mac(mac: string): void {
    if (!MAC_FORM.test(mac)) {
      refuse.input(`'${mac}' is no hardware address; write it like aa:00:00:12:34:56`);
    }
    this.#claim('mac', mac);
  }

  /** Claims an address. */
  ip(address: string, network?: NetworkId, options: ClaimIpOptions = {}): void {
    if (network !== undefined) {
      this.#mustBeInPool(address, this.#network(network), options);
    } else if (!isAddress(address)) {
      refuse.input(`'${address}' is no IP address`);
    }
    this.#claim('ip', `${network ?? ''}/${address}`);
  }

  /** Draws the lowest free address of a network. */
  drawIp(networkId: NetworkId): string {
    const network = this.#network(networkId);
    const isTaken = (ip: string): boolean => !this.#isFree('ip', `${networkId}/${ip}`);
    const address = this.#tables.cursors.lowest(network, isTaken);
    if (address === undefined) {
      refuse.resources(`Network ${network.name} (${network.cidr}) has no free address left`);
    }
    this.#claim('ip', `${networkId}/${address}`);
    return address;
  }

  /** Claims a place of data. */
  volume(place: string): void {
    this.#claim('volume', place);
  }

  /** Claims an instance name. */
  name(name: string): void {
    this.#claim('name', name, 'already_exists');
  }

  /** Claims the lowest free console port. */
  drawPort({ unseen = false }: DrawPortOptions = {}): number {
    const mirrors = this.#tables.links.mirrorsOfPort;
    const isTaken = (port: number): boolean =>
      !this.#isFree('port', String(port)) || (!unseen && mirrors.has(String(port)));
    const port = lowestFreePort(this.#tables.cluster(), isTaken);
    if (port === undefined) refuse.resources('All console ports are in use');
    this.#claim('port', String(port));
    return port;
  }

  /** Claims the lowest free DRBD minor of a node. */
  drawMinor(node: NodeId): number {
    let minor = 0;
    while (!this.#isFree('minor', `${node}/${minor}`)) minor++;
    this.#claim('minor', `${node}/${minor}`);
    return minor;
  }

  /** Draws an id. */
  drawId(): string {
    return this.#draw('id', () => this.#ids.uuid()) ?? refuse.resources('No fresh id was drawn');
  }

  /** Draws a secret. That it is fresh needs no claim: nobody draws the same twice. */
  drawSecret(bytes: number): Secret<string> {
    return new Secret(this.#ids.hex(bytes));
  }

  /** Tells other processes. */
  async publish(fence?: FenceSource): Promise<string | undefined> {
    return this.#held.length === 0 ? undefined : this.#publish(fence, { claims: this.#held });
  }

  /** Room on nodes that is claimed. */
  get capacity(): readonly CapacityClaim[] {
    return this.#tables.capacity.of(this.#owner);
  }

  /** Room that others have claimed. */
  capacityOfOthers(): ClaimedByOthers {
    return this.#tables.capacity.ofOthers(this.#owner);
  }

  /** Remembers what others claim. */
  rememberCapacity(): ClaimMemory {
    return this.#tables.capacity.remember(this.#owner);
  }

  /** Takes room (R3). */
  takeCapacity(claims: readonly CapacityClaim[], seen: ClaimedByOthers): boolean {
    this.#mustGoOn();
    const former = this.capacity;
    // Who has claimed since has seen what is claimed here already.
    if (JSON.stringify(former) === JSON.stringify(claims)) return true;
    const { capacity, claimants } = this.#tables;
    if (capacity.isOvertaken(claims, seen, new Set([this.#owner]))) return false;
    claimants.add(this.#owner);
    capacity.keep(this.#owner, claims);
    this.#taken = { former, seen };
    return true;
  }

  /** Tells other processes of it, or gives it back (R3). */
  async confirmCapacity(fence?: FenceSource): Promise<boolean> {
    const taken = this.#taken;
    if (taken === undefined) return true;
    this.#taken = undefined;
    // Values are published later, all at once: they have conflicts of their own.
    const faster = await this.#publish(fence, { claims: 'as-before', seen: taken.seen });
    if (faster === undefined) return true;
    if (!this.#ended) this.#tables.capacity.keep(this.#owner, taken.former);
    return false;
  }

  /** Gives room back that is in use by now. */
  async settleCapacity(what: 'disks' | 'all', fence?: FenceSource): Promise<void> {
    const former = this.capacity;
    if (former.length === 0) return;
    this.#tables.capacity.keep(this.#owner, what === 'all' ? [] : memoryOnly(former));
    await this.#publish(fence, { claims: 'as-before' });
  }

  /** Chooses a place alone. */
  inTurn<T>(choose: () => Promise<T>): Promise<T> {
    return this.#choosing.run(choose);
  }

  /** Drops all claims. */
  release(): void {
    const held = this.#held;
    this.#held = [];
    this.#ended = true;
    for (const claim of held) this.#tables.unreserve(claim, this.#owner);
    this.#tables.capacity.keep(this.#owner, []);
    this.#tables.claimants.delete(this.#owner);
  }

  #publish(
    fence: FenceSource | undefined,
    what: Pick<Publication, 'claims' | 'seen'>,
  ): Promise<string | undefined> {
    return this.#publisher.publish({
      owner: this.#owner,
      fence,
      isOver: () => this.#ended,
      ...what,
    });
  }

  #mustGoOn(): void {
    if (this.#ended) throw new ProgrammerError('The attempt has ended: nothing can be claimed');
  }

  #draw(kind: UniqueKind, draw: () => string): string | undefined {
    for (let draws = 0; draws < DRAWS; draws++) {
      const value = draw();
      if (!this.#isFree(kind, value)) continue;
      this.#claim(kind, value);
      return value;
    }
    return undefined;
  }

  #claim(kind: UniqueKind, text: string, code: PrereqCode = 'resource_not_unique'): void {
    this.#mustGoOn();
    const value = spelling(kind, text);
    const holder = this.#tables.holder(kind, value);
    if (holder !== undefined) {
      const what = `The ${INDEX_WORDS[kind]} '${value}'`;
      throw new PrereqError(`${what} belongs to ${holder}; choose another one`, code);
    }
    this.#tables.reserved[kind].set(value, this.#owner);
    this.#held.push({ index: kind, value });
  }

  #isFree(kind: UniqueKind, value: string): boolean {
    return this.#tables.holder(kind, spelling(kind, value)) === undefined;
  }

  #network(id: NetworkId): Network {
    const network = this.#tables.rows.network.get(id)?.entity;
    return network ?? refuse.unknown(`There is no network with the id ${id}`);
  }

  #mustBeInPool(address: string, network: Network, { evenReserved }: ClaimIpOptions): void {
    const place = this.#tables.cursors.placeOf(address, network);
    if (place === 'outside') {
      refuse.input(`${address} is no address of network ${network.name} (${network.cidr})`);
    }
    if (place === 'stray' || (place === 'reserved' && evenReserved !== true)) {
      refuse.notUnique(`${address} is kept free in network ${network.name}; choose another one`);
    }
  }
}
