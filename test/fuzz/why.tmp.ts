import { caseOf, KINDS, type Kind } from './campaign.js';
import { runInputCase } from './input-case.js';
const [kind, seed, n, filter=''] = process.argv.slice(2) as [Kind,string,string,string];
const m = new Map<string, number>(); const ex = new Map<string, number>();
const orig = Error.captureStackTrace;
const { setSink } = await import('./judge.js') as any;
let last = '';
setSink((e: any) => { last = String(e?.message); });
for (let i=0;i<Number(n);i++){ last=''; const v = await runInputCase(caseOf(kind, Number(seed), i)); if(!v.label.includes(filter)) continue;
 const k = v.label+' | '+last.slice(0,150).replace(/'[^']*'/g,"'…'"); m.set(k,(m.get(k)??0)+1); if(!ex.has(k)) ex.set(k,i);}
for (const [k,c] of [...m].sort((a,b)=>b[1]-a[1]).slice(0,60)) console.log(c, ex.get(k), k);
