/**
 * Progress in steps that a human can see: a long write reports each whole percent once.
 */
import type { CallOptions } from '../../ports/call.js';

/** Passes fractions on, but none that shows the same percentage as the one before. */
export function wholePercent(tell: CallOptions['onProgress']): (fraction: number) => void {
  let shown = -1;
  return (fraction) => {
    const percent = Math.floor(fraction * 100);
    if (percent === shown) return;
    shown = percent;
    tell?.({ fraction });
  };
}
