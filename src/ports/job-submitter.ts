/**
 * Follow-up work: results of an LU may ask for more operations.
 */

/**
 * Operations to be carried out one after the other, as one job.
 * @public
 */
export type JobRequest = readonly { readonly op: string; readonly params: unknown }[];

/**
 * Takes follow-up jobs. What becomes of them is the host's business.
 * @public
 */
export interface JobSubmitter {
  /** Hands jobs over and resolves to their ids, in order. */
  submit(jobs: readonly JobRequest[]): Promise<readonly string[]>;
}
