/**
 * Who we are, for an etcd with users: a token that is got with the password, kept while it is good,
 * and got anew by one call for all who find it refused.
 */
import type { TokenSource } from './caller.js';
import type { EtcdOptions } from './options.js';

/** Nobody in particular. */
export const NO_TOKENS: TokenSource = {
  current: () => Promise.resolve(undefined),
  instead: () => Promise.resolve(undefined),
};

/** Gets a token; `undefined` where etcd has no users (yet). */
export type Authenticate = () => Promise<string | undefined>;

/** Tokens of a user. */
export class UserTokens implements TokenSource {
  readonly #authenticate: Authenticate;
  #token: Promise<string | undefined> | undefined;

  constructor(authenticate: Authenticate) {
    this.#authenticate = authenticate;
  }

  current(): Promise<string | undefined> {
    return (this.#token ??= this.#get());
  }

  async instead(of: string | undefined): Promise<string | undefined> {
    const before = this.#token;
    const known = await before?.catch(() => undefined);
    // Whoever comes first drops it; the others find a new one under way.
    if (this.#token === before && known === of) this.#token = undefined;
    return this.current();
  }

  #get(): Promise<string | undefined> {
    const token = this.#authenticate();
    token.catch(() => {
      if (this.#token === token) this.#token = undefined;
    });
    return token;
  }
}

/** The source of tokens that the options ask for. */
export function tokensOf(auth: EtcdOptions['auth'], authenticate: Authenticate): TokenSource {
  return auth === undefined ? NO_TOKENS : new UserTokens(authenticate);
}
