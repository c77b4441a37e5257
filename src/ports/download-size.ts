/**
 * How large something is that is fetched from elsewhere.
 */

/**
 * Tells how many bytes a URL leads to, without fetching them. Rejects if nobody says; an aborted
 * call rejects with the signal's reason.
 * @public
 */
export type DownloadSize = (url: string, signal: AbortSignal) => Promise<number>;
