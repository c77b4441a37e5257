/**
 * Sizes as Ganeti's tools print them.
 */

/**
 * `m`, `g` and `t` are MiB, GiB and TiB; `h` chooses by the size, and names the unit.
 * @public
 */
export type SizeUnit = 'h' | 'm' | 'g' | 't';

const LETTERS = { m: 'M', g: 'G', t: 'T' } as const;
const FACTORS = { m: 1, g: 1024, t: 1024 * 1024 } as const;

/**
 * A size in MiB as text: whole MiB, or GiB or TiB with one decimal (`FormatUnit`).
 * @public
 */
export function formatSize(sizeMib: number, unit: SizeUnit): string {
  const chosen = unit === 'h' ? fittingUnit(sizeMib) : unit;
  const amount = sizeMib / FACTORS[chosen];
  const text = chosen === 'm' ? String(Math.round(amount)) : oneDecimal(amount);
  return unit === 'h' ? text + LETTERS[chosen] : text;
}

function fittingUnit(sizeMib: number): keyof typeof FACTORS {
  if (sizeMib < FACTORS.g) return 'm';
  return sizeMib < FACTORS.t ? 'g' : 't';
}

/** Halves go to the even neighbour, as in C's `printf`; `toFixed` would take the larger one. */
function oneDecimal(amount: number): string {
  const tenths = amount * 10;
  const below = Math.floor(tenths);
  const rounded = tenths - below === 0.5 ? below + (below % 2) : Math.round(tenths);
  return (rounded / 10).toFixed(1);
}
