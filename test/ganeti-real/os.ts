/**
 * OS definitions for real nodes.
 */
import { writeFile } from 'node:fs/promises';
import type { RealNode } from './daemon.js';

/** Puts an OS of interface version 20 on a node; create and rename scripts do as the body says. */
export async function defineOs(
  node: RealNode,
  name: string,
  body: string,
  variants: readonly string[] = [],
): Promise<void> {
  const dir = `/srv/ganeti/os/${name}`;
  const bodies = { create: body, rename: body, import: 'cat > /dev/null', export: '', verify: '' };
  for (const [script, text] of Object.entries(bodies)) {
    await node.script(`${dir}/${script}`, `#!/bin/sh\n${text}\n`);
  }
  await writeFile(node.at(`${dir}/ganeti_api_version`), '20\n');
  await writeFile(node.at(`${dir}/parameters.list`), '');
  if (variants.length > 0) {
    await writeFile(node.at(`${dir}/variants.list`), `${variants.join('\n')}\n`);
  }
}

/** Puts an OS on a node whose script only a helper machine may run. */
export async function defineUntrustedOs(node: RealNode, name: string): Promise<void> {
  await defineOs(node, name, 'exit 0');
  const dir = `/srv/ganeti/os/${name}`;
  await node.script(`${dir}/create_untrusted`, '#!/bin/sh\nexit 0\n');
  await node.clear(`${dir}/create`);
}
