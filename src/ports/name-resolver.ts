/**
 * Host names: the port to the site's resolver and to the question whether an address is in use.
 */

/**
 * A host name with its address.
 * @public
 */
export interface ResolvedHost {
  /** The name as the resolver knows it, fully qualified. */
  readonly name: string;
  /** Its address. */
  readonly ip: string;
}

/**
 * Looks host names up and asks whether addresses are in use. A call whose signal is aborted rejects
 * with the signal's reason.
 * @public
 */
export interface NameResolver {
  /** Looks a name up. Rejects with `PrereqError` `resolver_error`. */
  resolve(name: string, family: 4 | 6, signal?: AbortSignal): Promise<ResolvedHost>;
  /** Whether something answers at the address: a TCP connection to `port` is taken or refused. */
  answers(ip: string, port: number, signal?: AbortSignal): Promise<boolean>;
}
