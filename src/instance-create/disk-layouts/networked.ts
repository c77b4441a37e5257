/**
 * Disks that lie on no node: images in Ceph, volumes of external providers, and devices that the
 * operator has put everywhere.
 */
import { ProgrammerError } from '../../errors.js';
import type { Params } from '../../model/params.js';
import type { DiskSpec } from '../wishes.js';
import type { DiskPlace, Laid } from './layout.js';
import { claimed, freshName } from './names.js';

/** An image in the pool that the disk parameters name. */
export function inRados(place: DiskPlace): Laid {
  const location = { kind: 'rbd', image: freshName(place) } as const;
  return { location: claimed(location, place.site.reserve), params: accessParams(place.spec) };
}

/** A volume of the provider that the request names; its own parameters go with the disk. */
export function inExternal(place: DiskPlace): Laid {
  const { provider, providerParams } = place.spec;
  if (provider === undefined) throw new ProgrammerError('External storage needs a provider');
  const location = { kind: 'ext', provider, volume: freshName(place) } as const;
  return {
    location: claimed(location, place.site.reserve),
    params: { provider, ...providerParams, ...accessParams(place.spec) },
  };
}

/** A device that is there already. */
export function onDevice({ spec, site }: DiskPlace): Laid {
  const { adopt } = spec;
  if (adopt === undefined) throw new ProgrammerError('A device is taken over, not made');
  return { location: claimed({ kind: 'blockdev', path: adopt }, site.reserve) };
}

/** What the request says of how the hypervisor reaches the disk. */
export function accessParams({ access }: DiskSpec): Params {
  return access === undefined ? {} : { access };
}
