/**
 * How figures are made: CPU time, since other programs' work lengthens wall time; medians, since a
 * single round may be hit by anything; ratios between neighbours in the same round, since what
 * slows the machine down for a while slows both.
 */

/** CPU time of this process so far, user and system, garbage collection included; microseconds. */
export function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** The middle value; the mean of the two middle ones if their number is even. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new Error('There is no median of nothing');
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Median of the ratios of values from the same round. */
export function pairedRatio(values: readonly number[], peers: readonly number[]): number {
  if (values.length !== peers.length) throw new Error('A ratio needs both values of each round');
  return median(values.map((value, round) => value / (peers[round] ?? Number.NaN)));
}

/** Between which values the middle half of the ratios lies. */
export function pairedSpread(
  values: readonly number[],
  peers: readonly number[],
): readonly [lower: number, upper: number] {
  const ratios = values.map((value, round) => value / (peers[round] ?? Number.NaN));
  const middle = median(ratios);
  const lower = ratios.filter((ratio) => ratio <= middle);
  const upper = ratios.filter((ratio) => ratio >= middle);
  return [median(lower), median(upper)];
}
