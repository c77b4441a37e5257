/**
 * What the system's error codes mean to somebody who has to do something about them.
 */

const WORDS: Readonly<Record<string, string>> = {
  E2BIG: 'arguments and environment are larger than the system accepts',
  EACCES: 'permission denied; let the user that runs this read and write there',
  EDQUOT: 'the disk quota is used up; free some space',
  EEXIST: 'it exists already',
  EFBIG: 'the file system cannot hold a file of that size',
  EIO: 'the storage reports an input/output error',
  EISDIR: 'it is a directory',
  ELOOP: 'it is a symbolic link',
  EMFILE: 'too many files are open; raise the limit of open files',
  ENOENT: 'there is no such file or directory',
  ENOSPC: 'no space is left on the file system; free some space',
  ENOTDIR: 'it, or something on the way to it, is not a directory',
  ENOTEMPTY: 'the directory is not empty',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is mounted read-only',
  ETXTBSY: 'the program is being written at this moment',
};

/** The system's code of an error, `ENOENT` or the like. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}

/** Why the system refused, in words; `undefined` for an error that the system did not make. */
export function systemReason(error: unknown): string | undefined {
  const code = codeOf(error);
  return code === undefined ? undefined : (WORDS[code] ?? `the system answers ${code}`);
}
