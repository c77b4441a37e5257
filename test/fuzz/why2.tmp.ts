import { caseOf } from './campaign.js'; import { runInputCase } from './input-case.js'; 
const { setSink } = await import('./judge.js') as any; let last=''; setSink((e:any)=>{last=String(e?.message)});
const m=new Map<string,number>(); const t=process.argv[2];
for(let i=0;i<4000;i++){ const c:any=caseOf('opcodes',5,i); if(c.request.request?.diskTemplate!==t) continue; last=''; const v=await runInputCase(c); const k=v.label+'|'+last.slice(0,130); m.set(k,(m.get(k)??0)+1);} 
for(const [k,c] of [...m].sort((a,b)=>b[1]-a[1]).slice(0,14)) console.log(c,k);
