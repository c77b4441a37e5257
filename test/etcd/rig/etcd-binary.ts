/** Which etcd this machine has, if it has one that will do. */
import { spawnSync } from 'node:child_process';

/** The program, or why there is none. */
export type EtcdBinary =
  | { readonly program: string; readonly version: string }
  | { readonly missing: string };

/** Looks for `etcd` (or what ETCD names) of version 3.4 or later. */
export function findEtcd(): EtcdBinary {
  const program = process.env['ETCD'] ?? 'etcd';
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  if (status !== 0) {
    return { missing: `'${program}' does not run here; on Debian: apt-get install etcd-server` };
  }
  const version = /etcd Version: (\S+)/.exec(stdout)?.[1] ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 3 || (major === 3 && minor >= 4)) return { program, version };
  return { missing: `'${program}' is version '${version}', and 3.4 is the oldest that will do` };
}

/** Whether the tests on real etcd can run. */
export const HAS_ETCD: boolean = 'program' in findEtcd();
