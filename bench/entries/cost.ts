/**
 * Processor time of a fresh process that imports modules, over one that imports nothing.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

const PROGRAM = `
  for (const name of process.argv.slice(1)) await import(name);
  const { user, system } = process.cpuUsage();
  process.stdout.write(String(user + system));
`;

/** Milliseconds per set of modules and round; in each round all sets take their turn. */
export async function importCosts(
  sets: readonly (readonly string[])[],
  rounds: number,
): Promise<readonly (readonly number[])[]> {
  const costs = sets.map((): number[] => []);
  // The first round only brings the files into the system's cache.
  for (let round = -1; round < rounds; round++) {
    const empty = await cpuMs([]);
    for (const [at, set] of sets.entries()) {
      const cost = (await cpuMs(set)) - empty;
      if (round >= 0) costs[at]?.push(cost);
    }
  }
  return costs;
}

async function cpuMs(modules: readonly string[]): Promise<number> {
  const { stdout } = await run(process.execPath, [
    '--input-type=module',
    '-e',
    PROGRAM,
    ...modules,
  ]);
  return Number(stdout) / 1_000;
}
