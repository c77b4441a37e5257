import { simulate } from './simulation.js';
const from = Number(process.argv[2] ?? 1), n = Number(process.argv[3] ?? 1);
const print = process.argv[4] === 'log' ? (l: string) => console.log(l) : undefined;
for (let seed = from; seed < from + n; seed++) {
  const t = performance.now();
  const o = await simulate({ seed, ...(print ? { print } : {}), fencing: process.argv[5] !== 'nofence' });
  const tally: Record<string, number> = {};
  for (const e of o.endings) { const k = e.outcome; tally[k] = (tally[k] ?? 0) + 1; }
  console.log(seed, o.log.hash, o.events, 'ev', o.log.count, 'lines', (performance.now() - t | 0) + 'ms', o.tookMs, JSON.stringify(tally), JSON.stringify(o.counts), JSON.stringify(o.mishaps));
  for (const v of o.violations) console.log('   VIOLATION', v);
}
