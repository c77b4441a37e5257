/**
 * All switches between Ganeti's behaviour and ours, in one place. Ours is the default wherever
 * Ganeti's leaves something behind or checks too late; `GANETI_COMPATIBILITY` sets them all.
 */
import { DEFAULT_HOOK_POLICY, GANETI_HOOK_POLICY, type HookPolicy } from './hooks/policy.js';

/**
 * The switches.
 * @public
 */
export interface Compatibility {
  /**
   * What happens to an instance whose OS script or start failed: `rollback` removes it, `keep`
   * leaves it to the operator, as Ganeti does.
   */
  readonly onFailure: 'rollback' | 'keep';
  /** Whether pre hooks run in a dry run, as in Ganeti. */
  readonly hooksInDryRun: boolean;
  /** What happens when hooks fail. */
  readonly hooks: HookPolicy;
  /**
   * When parameters are checked that no lock is needed for: `early`, before any lock is taken, or
   * `late`, under locks, as in Ganeti.
   */
  readonly parameterChecks: 'early' | 'late';
  /**
   * When it is looked whether the primary node has the OS: `early`, before anything is made, or
   * `late`, when its script is about to run, as in Ganeti.
   */
  readonly osLookUp: 'early' | 'late';
  /** Whether minimum memory above maximum memory is refused; Ganeti accepts it. */
  readonly memoryOrder: 'checked' | 'unchecked';
  /**
   * Requests that Ganeti accepts although nobody means them (VLAN ids out of range, too many cards,
   * a negative number of processors ...): `refused`, or `accepted` as by Ganeti.
   */
  readonly oddRequests: 'refused' | 'accepted';
  /** Whether the space for disks in files is looked at; Ganeti does not. */
  readonly checkFileSpace: boolean;
  /**
   * What becomes of a disk whose making a node reports as failed, and of directories made for
   * disks: `removed`, or `left` as by Ganeti.
   */
  readonly halfMade: 'removed' | 'left';
  /**
   * When ports count as used: `at-the-end`, with the commit that adds the instance, or `at-once`,
   * so that a failed creation has used them up, as in Ganeti.
   */
  readonly ports: 'at-the-end' | 'at-once';
  /**
   * When the configuration says that an instance is up: `started`, once it is, or `starting`,
   * before it is tried, as in Ganeti.
   */
  readonly markedUp: 'started' | 'starting';
  /**
   * On which nodes a reserved instance is made: on those that are `reserved`, or only if they are
   * `asked-for`, since Ganeti does not find out by itself.
   */
  readonly reservedNodes: 'reserved' | 'asked-for';
  /**
   * How mirrors are watched, and paused while disks are written: `strict` asks about those that
   * there are, and fails if they cannot be resumed; `lenient` asks about all disks, mirrored or
   * not, and goes on with a warning, as Ganeti does.
   */
  readonly mirrorHandling: 'strict' | 'lenient';
  /**
   * Whether an import counts as done if some of its disks' contents did not arrive, or if its
   * export hides the size of a disk, which is then left out.
   */
  readonly partialImports: 'refused' | 'accepted';
  /**
   * A helper machine that its node does not know any more: it has `finished`, or is `waited-for`
   * until its time is up, as in Ganeti.
   */
  readonly vanishedHelper: 'finished' | 'waited-for';
  /**
   * On which rung of the ladder an allocator begins if the request does not say: `claims`, or with
   * `locks` on all nodes, as in Ganeti.
   */
  readonly placement: 'claims' | 'locks';
}

/**
 * Our behaviour.
 * @public
 */
export const DEFAULT_COMPATIBILITY: Compatibility = {
  onFailure: 'rollback',
  hooksInDryRun: false,
  hooks: DEFAULT_HOOK_POLICY,
  parameterChecks: 'early',
  osLookUp: 'early',
  memoryOrder: 'checked',
  oddRequests: 'refused',
  checkFileSpace: true,
  halfMade: 'removed',
  ports: 'at-the-end',
  markedUp: 'started',
  reservedNodes: 'reserved',
  mirrorHandling: 'strict',
  partialImports: 'refused',
  vanishedHelper: 'finished',
  placement: 'claims',
};

/**
 * Ganeti's behaviour, switch by switch.
 * @public
 */
export const GANETI_COMPATIBILITY: Compatibility = {
  onFailure: 'keep',
  hooksInDryRun: true,
  hooks: GANETI_HOOK_POLICY,
  parameterChecks: 'late',
  osLookUp: 'late',
  memoryOrder: 'unchecked',
  oddRequests: 'accepted',
  checkFileSpace: false,
  halfMade: 'left',
  ports: 'at-once',
  markedUp: 'starting',
  reservedNodes: 'asked-for',
  mirrorHandling: 'lenient',
  partialImports: 'accepted',
  vanishedHelper: 'waited-for',
  placement: 'locks',
};
