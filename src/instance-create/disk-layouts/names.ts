/**
 * Names for volumes and files that are to be made.
 */
import { DISK_TEMPLATE_FACTS } from '../../model/disk-template.js';
import { type DiskLocation, placeOf } from '../../model/disk.js';
import type { DiskPlace, DiskReservations } from './layout.js';

/**
 * A fresh name, `<uuid>.disk0`. Its id is not the disk's: that of the disk object may change, the
 * name of what it lies in does not (Ganeti's convention, which other tools know).
 */
export function freshName({ index, template, site }: DiskPlace): string {
  return `${site.reserve.drawId()}${DISK_TEMPLATE_FACTS[template].nameSuffix}.disk${index}`;
}

/** The location, claimed: nobody else can take it. */
export function claimed<L extends DiskLocation>(location: L, reserve: DiskReservations): L {
  reserve.volume(placeOf(location));
  return location;
}
