/**
 * Makes text from outside (a script's output, a name) fit for one line of a message: whatever moves
 * a terminal's cursor, starts a line or turns the reading direction is written as an escape.
 */

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Control characters, separators of lines, and marks that reorder text. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The text without blanks at its ends, on one line. */
export function printable(text: string): string {
  return text.trim().replace(UNPRINTABLE, (sign) => SHORT[sign] ?? escaped(sign));
}

function escaped(sign: string): string {
  const digits = sign.charCodeAt(0).toString(16);
  return digits.length > 2 ? `\\u${digits.padStart(4, '0')}` : `\\x${digits.padStart(2, '0')}`;
}
