import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('stuck.ts', import.meta.url));

/** Runs the program, and tells what it said and which signal ended it. */
function stuck(way: string): Promise<readonly [said: string, signal: string | null]> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, way], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (_code, signal) => resolve([said, signal]));
  });
}

test.each([
  [
    'promises',
    /^VIOLATION the case promises goes on and on: 1000000 promise reactions$/m,
    'SIGKILL',
  ],
  ['loop', /^VIOLATION the case loop does not come back$/m, 'SIGKILL'],
  ['rejection', /nobody saw this rejection: Error: overlooked/, null],
])('given code that is stuck in %s, then it is told of', async (way, says, signal) => {
  const [said, ended] = await stuck(way);
  expect(said).toMatch(says);
  expect(ended).toBe(signal);
});
