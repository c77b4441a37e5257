/**
 * Healthy clusters that are used again. A trial that ended before the work and broke no rule has
 * shown that its cluster is byte by byte as before, so the next input may come to it; any other one
 * gets a new cluster. What breaks a rule is repeated on a new cluster, to be told as it repeats.
 */
import type { ClusterFacts } from './clusters.js';
import type { Verdict } from './judge.js';
import { type OpcodeCase, runOpcodeCase } from './opcode-case.js';
import { openWorld, type World } from './world.js';

/** Whose cluster serves whom: they may differ in nothing but what is brought to them. */
const kept = new Map<boolean, World>();

/** Runs a case whose cluster is a healthy one. */
export async function runOnBench(drawn: OpcodeCase): Promise<Verdict> {
  const { ganeti } = drawn.facts;
  const known = kept.get(ganeti);
  kept.delete(ganeti);
  if (known === undefined) return runAndKeep(drawn, await openWorld(drawn.facts));
  known.bring(drawn.facts);
  const verdict = await runAndKeep(drawn, known);
  if (verdict.flaws.length === 0) return verdict;
  const alone = await runAndKeep(drawn, await openWorld(drawn.facts));
  if (alone.flaws.length > 0) return alone;
  return { ...verdict, flaws: verdict.flaws.map((flaw) => `after other cases only: ${flaw}`) };
}

async function runAndKeep(drawn: OpcodeCase, world: World): Promise<Verdict> {
  const verdict = await runOpcodeCase(drawn, () => Promise.resolve(world));
  if (isUntouched(drawn.facts, verdict)) kept.set(drawn.facts.ganeti, world);
  return verdict;
}

function isUntouched({ ganeti }: ClusterFacts, { traits = [], flaws }: Verdict): boolean {
  return traits.length === 0 && flaws.length === 0 && !kept.has(ganeti);
}
