/**
 * What the request may ask for in principle, but this version does not do. Everything of the kind
 * that is not a row of a table elsewhere (modes, disk templates) stands here.
 */
import { refuse } from '../../errors.js';
import type { CreateOp } from '../op.js';

interface Absent {
  readonly asked: (op: CreateOp) => boolean;
  readonly message: string;
}

const ABSENT: readonly Absent[] = [
  {
    asked: (op) => op.forthcoming === true || op.commit === true,
    message: 'Reserving an instance for later is not supported yet; create it at once',
  },
  {
    asked: (op) => op.disks.some(({ adopt }) => adopt !== undefined),
    message: 'Adopting volumes is not supported yet; give disks by size',
  },
  {
    asked: (op) => op.nics.some(({ network }) => inNetwork(network)),
    message: 'Networks are not supported yet; give cards by mode, link and ip',
  },
  {
    asked: (op) => op.osParams?.['os-image'] !== undefined,
    message: "OS images are not supported yet; use an OS definition's create script",
  },
];

/** Refuses what is not supported. */
export function checkSupported(op: CreateOp): void {
  for (const { asked, message } of ABSENT) if (asked(op)) refuse.input(message);
}

function inNetwork(network: string | undefined): boolean {
  return network !== undefined && network.toLowerCase() !== 'none';
}
