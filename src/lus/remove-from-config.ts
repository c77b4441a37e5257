/**
 * The point from which a removal goes forward only.
 *
 * M1 The instance leaves the configuration in the same transaction in which the removal of its
 *    disks is written down as due. From then on it is gone, and nothing of it can be forgotten:
 *    what cannot be removed now is named in the error and tried again by recovery.
 */
import {
  devicesOf,
  directoriesOf,
  duesOfRemoval,
  guestOf,
  type Remains,
} from '../instance-create/undo-entries.js';
import type { ExecContext } from '../lu-base.js';
import type { RuntimeInstance } from '../ports/runtime.js';

/**
 * Removes the instance from the configuration; says what is left of it on nodes, for
 * `clearRemains`. A guest that was not stopped is part of that.
 */
export async function removeFromConfig(
  runtime: RuntimeInstance,
  { guestStopped }: { readonly guestStopped: boolean },
  { config }: Pick<ExecContext, 'config'>,
): Promise<Remains> {
  const { instance, disks } = runtime;
  const remains = {
    ...(guestStopped ? {} : { guest: guestOf(runtime) }),
    instance,
    devices: devicesOf(instance, disks),
    directories: directoriesOf(disks),
  };
  await config.commit(
    `remove instance ${instance.name}`,
    (draft) => {
      draft.remove('instance', instance.id);
      for (const { id } of disks) draft.remove('disk', id);
    },
    duesOfRemoval(remains),
  );
  return remains;
}
