/**
 * What the recordings hold and nobody compares, and why.
 */
export const LEFT_OUT: readonly string[] = [
  'texts for humans: errorMessage, feedback, note; of texts in results of functions their number',
  'lockEvents, sleeps, retryPrepared: how the recording came about',
  'serial numbers and time stamps: any number is right',
  'fields of instances, disks and cards that are unset: null and absent are the same',
  'a crash of the peer (ganetiError false): some error is right, whatever came before it',
];
