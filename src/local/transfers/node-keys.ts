/**
 * The keys of this node for encrypted transfers. They are kept in memory: the daemons that use them
 * live in this process, and so a key cannot outlive its use.
 */
import type { Clock } from '../../ports/clock.js';
import { Refusal } from '../storage/attempt.js';
import { makeNodeKey, type NodeKey } from './certificate.js';
import { UniqueNames } from './unique-names.js';

/** The name that Ganeti's senders insist on, whatever the node is called (`X509_CERT_CN`). */
/**
 * How far clocks may differ, seconds (Ganeti's `NODE_MAX_CLOCK_SKEW`). The other side's may be
 * behind, and so is our own kernel's coarse one: what begins now may not be good there yet.
 */
const SKEW_S = 150;

const COMMON_NAME = 'ganeti.example.com';

/** What a side of a transfer shows, and whom it believes. All PEM. */
export interface TlsIdentity extends NodeKey {
  /** Certificate of the authority that the other side is signed by. */
  readonly authority: string;
}

/** The keys. */
export class NodeKeys {
  readonly #keys = new Map<string, NodeKey>();
  readonly #clock: Clock;
  readonly #names: UniqueNames;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#names = new UniqueNames(clock);
  }

  /** Makes one; its certificate is good now, also by clocks that are behind. */
  async create(validityS: number): Promise<{ keyName: string; certificate: string }> {
    if (!Number.isSafeInteger(validityS) || validityS <= 0) {
      throw new Refusal(`a validity is a whole number of seconds above 0, not ${validityS}`);
    }
    const fromMs = this.#clock.now() - SKEW_S * 1000;
    const key = await makeNodeKey({ name: COMMON_NAME, fromMs, validityS: validityS + SKEW_S });
    const keyName = this.#names.next('x509');
    this.#keys.set(keyName, key);
    return { keyName, certificate: key.certificate };
  }

  /** Forgets one; one that is not known is forgotten already. */
  remove(keyName: string): void {
    this.#keys.delete(keyName);
  }

  /**
   * What a transfer shows; `undefined` for one that is not encrypted. Throws `Refusal` for an
   * unknown key, and for half of what encryption needs.
   */
  identity(keyName: string | undefined, authority: string | undefined): TlsIdentity | undefined {
    if (keyName === undefined && authority === undefined) return undefined;
    if (keyName === undefined || authority === undefined) {
      throw new Refusal('encryption needs both a key and an authority; give both, or neither');
    }
    const key = this.#keys.get(keyName);
    if (key === undefined) {
      throw new Refusal(`this node has no key '${keyName}'; make one with createCertificate`);
    }
    return { ...key, authority };
  }
}
