/**
 * The configuration in the right of an owner of locks: for undo actions, which commit in nobody's
 * name but may do so only as long as the locks are held.
 */
import { ConfigReading } from './config-reading.js';
import type {
  CommitOptions,
  ConfigDraft,
  ConfigStore,
  OwnedReservations,
} from '../ports/config-store.js';
import type { FenceSource } from '../ports/fence.js';

/** Reads as the store does; commits compare the fence. */
export class FencedConfig extends ConfigReading implements ConfigStore {
  readonly #store: ConfigStore;
  readonly #fence: FenceSource;

  constructor(store: ConfigStore, fence: FenceSource) {
    super(store);
    this.#store = store;
    this.#fence = fence;
  }

  commit(
    why: string,
    recipe: (draft: ConfigDraft) => void,
    options: CommitOptions = {},
  ): Promise<void> {
    return this.#store.commit(why, recipe, { fence: this.#fence, ...options });
  }

  freshen(): Promise<void> | undefined {
    return this.#store.freshen();
  }

  reservations(owner: string): OwnedReservations {
    return this.#store.reservations(owner);
  }

  claimants(): readonly string[] {
    return this.#store.claimants();
  }

  dropClaims(owner: string, fence: FenceSource = this.#fence): Promise<void> {
    return this.#store.dropClaims(owner, fence);
  }
}
