/**
 * Where disk files lie (Ganeti's `CalculateFileStorageDir`). Nothing leaves the cluster's own
 * directory: each step down has to be a plain name.
 */
import { refuse } from '../../errors.js';
import type { Cluster } from '../../model/cluster.js';
import { DISK_TEMPLATE_FACTS, type DiskTemplate } from '../../model/disk-template.js';

/** The cluster's directories of files. */
export type FileRoots = Pick<
  Cluster,
  'fileStorageDir' | 'sharedFileStorageDir' | 'glusterStorageDir'
>;

/** The directory of an instance's disk files; `undefined` for storage without files. */
export function fileStorageDir(
  template: DiskTemplate,
  instanceName: string,
  subdirectory: string | undefined,
  cluster: FileRoots,
): string | undefined {
  const { ownDirectory } = DISK_TEMPLATE_FACTS[template];
  const root = fileRoot(template, cluster);
  if (root === undefined) return undefined;
  const steps = [root];
  // An empty step on the way to an instance's directory is none.
  if (subdirectory !== undefined && !(subdirectory === '' && ownDirectory)) {
    checkSubdirectory(subdirectory);
    steps.push(subdirectory);
  }
  if (ownDirectory) steps.push(instanceName);
  return steps.join('/');
}

/**
 * The cluster's directory for a template's files, which it has to have; `undefined` for storage
 * without files.
 */
export function fileRoot(template: DiskTemplate, cluster: FileRoots): string | undefined {
  const { root: setting } = DISK_TEMPLATE_FACTS[template];
  if (setting === undefined) return undefined;
  const root = cluster[setting];
  if (root !== undefined && root !== '') return root.replace(/\/+$/, '');
  return refuse.state(`The cluster has no directory for '${template}' disks; set its ${setting}`);
}

/**
 * The directories from an instance's own up to the cluster's, which is not among them: innermost
 * first.
 */
export function directoriesBelow(root: string, directory: string): readonly string[] {
  const steps = directory.slice(root.length).split('/').filter(Boolean);
  return steps.map((_, up) => [root, ...steps.slice(0, steps.length - up)].join('/'));
}

/** Refuses a path that would leave the cluster's directory, or is not spelled plainly. */
export function checkSubdirectory(path: string): void {
  const isOdd = (part: string): boolean => ['', '.', '..'].includes(part) || part.includes('\0');
  if (!path.split('/').some(isOdd)) return;
  refuse.input(
    `'${path}' is no directory below the cluster's own; give it without '..' and leading '/'`,
  );
}
