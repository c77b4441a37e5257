/**
 * What a benchmark says: one figure, and what it is to be held against.
 */

/** One figure. */
export interface BenchRow {
  /** What was measured. */
  name: string;
  value: number;
  /** Unit of `value` and `peerValue`; `x` for a bare ratio. */
  unit: string;
  /** What it is compared with, measured in the same run unless it says that it was recorded. */
  peer?: string;
  peerValue?: number;
  /** Median of `value / peerValue` over the rounds, not the quotient of the two medians. */
  ratio?: number;
  /** Between which values the ratios of half of the rounds lie. */
  spread?: readonly [lower: number, upper: number];
  /** The goal, in words; absent: the figure is for information only. */
  goal?: string;
  met?: boolean;
}
