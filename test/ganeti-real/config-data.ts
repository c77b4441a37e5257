/**
 * Configurations of live Ganeti clusters, moved to other addresses.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const RECORDED = new URL('../ganeti/config/data/configs.jsonl.gz', import.meta.url);

/** A recorded `config.data`; names and addresses replaced as the table says. */
export function recordedConfig(name: string, changes: Readonly<Record<string, string>>): string {
  const lines = gunzipSync(readFileSync(RECORDED)).toString().split('\n').filter(Boolean);
  const records = lines.map((line) => JSON.parse(line) as { about: string; config: unknown });
  const found = records.find(({ about }) => about === `a live cluster: ${name}`);
  if (found === undefined) throw new Error(`no configuration of '${name}' was recorded`);
  return Object.entries(changes).reduce(
    (text, [before, after]) => text.replaceAll(before, after),
    JSON.stringify(found.config),
  );
}
